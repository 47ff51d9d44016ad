import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, vi } from 'vitest';
import { specShape } from '../../src/contract/spec.ts';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { birthOf } from '../births.ts';
import { childrenOf, isAlive } from '../processes.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { newJobId } from '../seed-job.ts';
import { SMALL } from '../small-jobs.ts';
import { until } from '../until.ts';
import { spawnWorker, type WorkerProcess, type WorkerTuning } from './worker-process.ts';

/** Nothing here is measured in time: a machine may be ten times as slow as another. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** Everything that a service consists of but the API, and the means to break it. */
export interface Rig {
  readonly dataDir: string;
  readonly redis: TestRedis;
  readonly runs: Runs;
  readonly queue: JobQueue;
  /** Writes the run and adds it to the queue: SMALL, or another job. */
  submit(job?: object): Promise<string>;
  /** A worker as a process of its own, with short locks. */
  startWorker(tuning?: WorkerTuning): Promise<WorkerProcess>;
}

const rigs: { rig: Rig; workers: WorkerProcess[]; folder: string }[] = [];

export async function openRig(dataDir?: string): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'epochd-rig-'));
  const redis = await startRedis();
  const runs = openRuns(await openFolder(dataDir ?? folder));
  const queue = await openQueue({ redis: redis.address, queueName: 'epochd' });
  const workers: WorkerProcess[] = [];
  const rig: Rig = {
    dataDir: dataDir ?? folder,
    redis,
    runs,
    queue,
    async submit(job = SMALL) {
      const id = newJobId();
      const spec = specShape.parse(job);
      await runs.create(id, await birthOf(spec));
      await queue.add(id, spec.priority, 0);
      return id;
    },
    async startWorker(tuning = {}) {
      const worker = spawnWorker(rig.dataDir, redis.address, tuning);
      workers.push(worker);
      await worker.started;
      return worker;
    },
  };
  rigs.push({ rig, workers, folder });
  return rig;
}

/** Nothing that a test started outlives it: not a worker, not a trainer of a worker that was killed, not a Redis. */
export async function closeRigs(): Promise<void> {
  for (const { rig, workers, folder } of rigs.splice(0)) {
    await Promise.all(workers.map((worker) => worker.close()));
    await rig.queue.close();
    await rig.redis.stop();
    await rm(folder, { recursive: true, force: true });
    const trainers = workers.flatMap((worker) => worker.trainersSeen());
    await until(() => trainers.every((pid) => !isAlive(pid)), 'every trainer is gone');
  }
  expect(childrenOf(process.pid), 'child processes that outlive the test').toEqual([]);
}

afterEach(closeRigs);
