import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { EngineInfo } from '../contract/engine-info.ts';
import { JobNotFound, MemoryInsufficient } from '../contract/errors.ts';
import { type RuntimeLimits, runtimeOf } from '../contract/runtime-limits.ts';
import type { DatasetSettings } from '../datasets/dataset.ts';
import { describeDataset } from '../datasets/describe.ts';
import { availableCores } from '../engines/cores.ts';
import { type ConsumerSettings, consume, type Verdict } from '../queue/consumer.ts';
import { openQueue } from '../queue/queue.ts';
import type { WorkerInfo } from '../queue/workers.ts';
import type { Runs } from '../runs/store.ts';
import { estimateCost } from '../training/cost.ts';
import { planSpec } from '../training/plan-spec.ts';
import { reconcile } from './reconcile.ts';
import { repeat } from './repeat.ts';
import { supervise } from './supervise.ts';
import { refusedTrainer, startTrainer, type TrainerSettings } from './trainer-process.ts';

export interface WorkerSettings {
  /** Unique among all workers. */
  readonly id: string;
  readonly engines: readonly EngineInfo[];
  readonly dataDir: string;
  readonly dataset: DatasetSettings;
  readonly queue: ConsumerSettings;
  readonly trainer: TrainerSettings;
  readonly runtime: RuntimeLimits;
  /** Bytes that its machine, or the container that it runs in, has. */
  readonly memoryBytes: number;
  /** Attempts that a run may spend without a new epoch. */
  readonly maxAttempts: number;
  readonly reconcileMs: number;
  readonly announceMs: number;
  /** epochd's own. */
  readonly version: string;
}

export interface Worker {
  /** Gives back what is in work and resolves when every trainer is gone. */
  close(): Promise<void>;
}

/** How long Redis may take to hear what became of the last runs. */
const GOODBYE_MS = 2000;

/** A worker is believed to be alive for this many announcements. */
const MISSED_ANNOUNCEMENTS = 3;

/** Takes runs from the queue and trains each in a process of its own. Waits for Redis. */
export async function startWorker(settings: WorkerSettings, runs: Runs, log: Logger): Promise<Worker> {
  const closing = new AbortController();
  const inWork = new Set<string>();
  const since = new Date().toISOString();
  const consumer = await consume(
    settings.queue,
    async (id, lockLost) => {
      inWork.add(id);
      try {
        return await handle(settings, runs, id, AbortSignal.any([closing.signal, lockLost]), log.child({ job_id: id }));
      } finally {
        inWork.delete(id);
      }
    },
    log,
  );
  const queue = await openQueue(settings.queue);
  const info = (): WorkerInfo => {
    const { id, engines, queue } = settings;
    return { id, host: hostname(), pid: process.pid, engines, concurrency: queue.concurrency, jobs: [...inWork], since };
  };
  const warn = (error: unknown): void => log.warn({ err: error }, 'a periodic task of the worker failed');
  const repetitions = [
    repeat(settings.reconcileMs, () => reconcile(runs, queue, log), warn),
    repeat(settings.announceMs, () => consumer.announce(info(), MISSED_ANNOUNCEMENTS * settings.announceMs), warn),
  ];
  return {
    async close() {
      closing.abort();
      const stopped = repetitions.map((repetition) => repetition.stop());
      await consumer.close(settings.id, GOODBYE_MS);
      await Promise.all(stopped);
      await queue.close();
    },
  };
}

/** Claims the run of a queue entry and, if there is something left to train, trains it. */
async function handle(settings: WorkerSettings, runs: Runs, id: string, giveBack: AbortSignal, log: Logger): Promise<Verdict> {
  try {
    const record = await runs.claim(id, { worker: settings.id, maxAttempts: settings.maxAttempts });
    log.info({ state: record.state, attempt: record.attempt, claim: record.claim }, 'claimed');
    if (record.state !== 'running') return 'done';
    const { spec, progress } = await runs.read(id);
    const trainedMs = progress?.trainedMs ?? 0;
    const description = describeDataset(spec.dataset);
    const { memoryBytes, longestCallSeconds } = estimateCost(planSpec(spec, description), spec, description);
    const task = {
      ...taskFor(settings),
      id,
      claim: record.claim,
      attempt: record.attempt,
      longestCallMs: longestCallSeconds * 1000,
      trainedMs,
    };
    const missing = checkMachine(memoryBytes, settings.memoryBytes);
    const trainer = missing ? refusedTrainer(missing) : startTrainer(settings.trainer, task, (fields, text) => log.info(fields, text));
    const runtime = { ...runtimeOf(spec, settings.runtime), trainedMs };
    return await supervise({ runs, id, record, runtime, memoryBytes, trainer, giveBack, log });
  } catch (error) {
    if (!(error instanceof JobNotFound)) throw error;
    log.info('the run was withdrawn');
    return 'done';
  }
}

/** What every trainer of this worker is told. */
const taskFor = ({ dataDir, dataset, version, trainer, queue }: WorkerSettings) => ({
  dataDir,
  dataset,
  version,
  beatMs: trainer.silenceMs / 10,
  threads: trainer.threads ?? Math.max(1, Math.floor(availableCores() / queue.concurrency)),
});

/** Otherwise the system would kill the trainer, in each of its attempts, and the job could not say why. */
function checkMachine(needed: number, memoryBytes: number): MemoryInsufficient | null {
  if (needed <= memoryBytes) return null;
  const [estimate, machine] = [needed, memoryBytes].map((bytes) => (bytes / 2 ** 30).toFixed(2));
  return new MemoryInsufficient(`training needs about ${estimate} GiB of memory: this worker's machine or container has ${machine} GiB`);
}
