import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type AppOptions, buildApp } from '../../src/http/app.ts';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import type { Blobs } from '../../src/storage/storage.ts';
import { startRedis, type TestRedis } from '../redis.ts';

/** The API over real run directories and a real Redis, without a worker. */
export interface Service {
  readonly app: Awaited<ReturnType<typeof buildApp>>;
  /** What the API reads and writes. */
  readonly blobs: Blobs;
  readonly runs: Runs;
  readonly queue: JobQueue;
  readonly redis: TestRedis;
  readonly dataDir: string;
  /** What was logged, a line each. */
  readonly logged: Record<string, unknown>[];
  stop(): Promise<void>;
}

export async function startService(options: Partial<AppOptions> = {}): Promise<Service> {
  const redis = await startRedis();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'epochd-http-')));
  const queue = await openQueue({ redis: redis.address, queueName: 'jobs' });
  const blobs = await openFolder(dataDir);
  const runs = openRuns(blobs);
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'info', base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const app = await buildApp({ blobs, queue, dataDir, version: '0.0.0', log, loopbackOnly: true, ...options });
  return {
    app,
    blobs,
    runs,
    queue,
    redis,
    dataDir,
    logged,
    async stop() {
      await app.close();
      await queue.close();
      await redis.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
