import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect } from 'vitest';
import { isTerminal } from '../../src/contract/job.ts';
import { type Spec, specShape } from '../../src/contract/spec.ts';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import type { Run } from '../../src/runs/run.ts';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { newJobId } from '../runs/folder.ts';
import { childrenOf, isAlive, TRAINER, until } from './processes.ts';
import { spawnWorker, type WorkerProcess, type WorkerTuning } from './worker-process.ts';

const BINDING = resolve('node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node');

/** Why trainings cannot run on this machine, or null. */
export const missing = whatIsMissing();
if (missing) console.warn(`SKIPPED: tests that train in a process of their own: ${missing}`);

/** Everything that a service consists of but the API, and the means to break it. */
export interface Rig {
  readonly dataDir: string;
  readonly redis: TestRedis;
  readonly runs: Runs;
  readonly queue: JobQueue;
  /** Writes the run and adds it to the queue. */
  submit(spec?: Spec): Promise<string>;
  /** A worker as a process of its own, with short locks. */
  startWorker(tuning?: WorkerTuning): Promise<WorkerProcess>;
}

const rigs: { rig: Rig; workers: WorkerProcess[]; folder: string }[] = [];

export async function openRig(dataDir?: string): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'epochd-rig-'));
  const redis = await startRedis();
  const runs = await openRuns(dataDir ?? folder);
  const queue = await openQueue({ redisUrl: redis.url, queueName: 'epochd' });
  const workers: WorkerProcess[] = [];
  const rig: Rig = {
    dataDir: dataDir ?? folder,
    redis,
    runs,
    queue,
    async submit(spec = smallSpec()) {
      const id = newJobId();
      await runs.create(id, spec);
      await queue.add(id, spec.priority, 0);
      return id;
    },
    async startWorker(tuning = {}) {
      const worker = spawnWorker(rig.dataDir, redis.url, tuning);
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

/** Three epochs of less than a second. Dropout and Adam make every batch count: one too many or too few changes the bits. */
export const smallSpec = (training: object = {}, rest: object = {}): Spec =>
  specShape.parse({
    dataset: { source: 'imdb-mini', num_words: 100, maxlen: 30 },
    model: { embedding: { output_dim: 4 }, lstm: [{ units: 8 }], dense: [{ units: 8, dropout: 0.3 }] },
    training: { epochs: 3, batch_size: 128, optimizer: { type: 'adam' }, ...training },
    ...rest,
  });

/** More than a test can wait for. */
export const endlessSpec = (): Spec => smallSpec({ epochs: 1000 }, { callbacks: { early_stopping: null } });

export async function untilEnded({ runs }: Rig, id: string): Promise<Run> {
  await until(async () => isTerminal((await runs.readRecord(id)).state), `${id} has ended`);
  return runs.read(id);
}

/** Waits until `epoch` (from 1) is being trained and some of its batches are done. */
export async function untilInside({ runs }: Rig, id: string, epoch: number): Promise<void> {
  await until(async () => {
    const { record, progress, history } = await runs.read(id);
    if (isTerminal(record.state)) throw new Error(`${id} is ${record.state} before epoch ${epoch} was seen: ${record.error?.message}`);
    return history.length >= epoch - 1 && progress?.phase === 'training' && progress.epoch >= epoch && progress.step > 0;
  }, `${id} is inside epoch ${epoch}`);
}

/** What must be the same however often a training was disturbed. */
export async function resultOf({ history, checkpoints, claimPath }: Run): Promise<object> {
  const metrics = await readFile(join(claimPath ?? '', 'metrics.jsonl'), 'utf8');
  return { history, best: checkpoints.best?.sha256, latest: checkpoints.latest?.sha256, metrics };
}

function whatIsMissing(): string | null {
  if (!existsSync(TRAINER)) return `${TRAINER} is not there: run npx tsc`;
  if (!existsSync(BINDING)) return `${BINDING} is not there: run npm run setup -- --tensorflow`;
  return null;
}
