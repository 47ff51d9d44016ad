import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { mount, unmount, whyNoDisk } from '../disks/small-disk.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { type Member, openMember } from './member.ts';
import type { Place } from './places.ts';
import type { Report } from './report.ts';

/** Two APIs and two workers on one Redis and one data folder, as processes of their own. */
export interface Fleet {
  readonly dataDir: string;
  /** The data folder as a file system shows it. */
  readonly runs: Runs;
  readonly redis: TestRedis;
  readonly apis: readonly Member[];
  readonly workers: readonly Member[];
  /** What is being disturbed. */
  readonly troubled: Set<Place>;
  /** Nothing of it is left. */
  close(): Promise<void>;
}

/** Large enough for all that a long run keeps; it takes memory only for what is in it. */
const DISK = '512m';

/** So short that what a worker loses is noticed within a test. A run may be hit often. */
const SETTINGS = {
  EPOCHD_PORT: '0',
  EPOCHD_LOCK_SECONDS: '3',
  EPOCHD_STALLED_SECONDS: '1',
  EPOCHD_HEARTBEAT_SECONDS: '20',
  EPOCHD_GRACE_SECONDS: '3',
  EPOCHD_RECONCILE_SECONDS: '2',
  EPOCHD_MAX_ATTEMPTS: '100',
};

export async function startFleet(report: Report): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'epochd-fleet-'));
  const disk = whyNoDisk() === null ? mount(DISK) : null;
  const dataDir = disk ?? join(folder, 'data');
  const redis = await startRedis();
  const troubled = new Set<Place>();
  const env = { ...SETTINGS, REDIS_URL: redis.url, EPOCHD_DATA_DIR: dataDir, EPOCHD_CACHE_DIR: join(folder, 'cache') };
  const isTroubled = (): boolean => troubled.has('redis') || troubled.has('folder');
  const members = (command: 'api' | 'worker'): Member[] =>
    [0, 1].map((n) =>
      openMember({ name: `${command} ${n}`, command, env, clockFile: join(folder, `${command}-${n}.clock`), isTroubled }, report),
    );
  const apis = members('api');
  const workers = members('worker');
  const destroy = (): void => [...apis, ...workers].forEach((member) => member.destroy());
  process.once('exit', destroy);
  await Promise.all([...apis, ...workers].map((member) => member.start()));
  return {
    dataDir,
    runs: openRuns(await openFolder(dataDir)),
    redis,
    apis,
    workers,
    troubled,
    async close() {
      destroy();
      process.off('exit', destroy);
      await redis.stop();
      if (disk !== null) unmount(disk);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
