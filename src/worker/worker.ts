import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { EngineInfo } from '../contract/engine-info.ts';
import { DataFolderMismatch, JobNotFound, RunMissing } from '../contract/errors.ts';
import type { DatasetSettings } from '../datasets/dataset.ts';
import { type ConsumerSettings, consume, type Taken, type Verdict } from '../queue/consumer.ts';
import { openQueue } from '../queue/queue.ts';
import type { WorkerInfo } from '../queue/workers.ts';
import { guardFolder } from '../runs/folder-guard.ts';
import type { Runs } from '../runs/store.ts';
import { FOLDER_LOOK_MS, type FolderWatch, watchFolder } from './folder-watch.ts';
import { reconcile } from './reconcile.ts';
import { repeat } from './repeat.ts';
import { supervise } from './supervise.ts';
import { startTrainer, type TrainerSettings } from './trainer-process.ts';

export interface WorkerSettings {
  /** Unique among all workers. */
  readonly id: string;
  readonly engines: readonly EngineInfo[];
  readonly dataDir: string;
  readonly dataset: DatasetSettings;
  readonly queue: ConsumerSettings;
  readonly trainer: TrainerSettings;
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

/** Tries, about a minute's worth of pauses, after which a run that the folder does not hold is believed to have been withdrawn. */
const TRIES_FOR_MISSING = 6;

/** Takes runs from the queue and trains each in a process of its own. Waits for Redis. */
export async function startWorker(settings: WorkerSettings, runs: Runs, log: Logger): Promise<Worker> {
  const closing = new AbortController();
  const inWork = new Set<string>();
  const since = new Date().toISOString();
  const queue = await openQueue(settings.queue);
  const guard = await guardFolder(settings.dataDir, queue);
  const consumer = await consume(
    settings.queue,
    async (id, lockLost, taken) => {
      inWork.add(id);
      try {
        const means = { settings, runs, folder, log: log.child({ job_id: id }) };
        return await handle(means, id, taken, AbortSignal.any([closing.signal, lockLost]));
      } finally {
        inWork.delete(id);
      }
    },
    log,
  );
  const folder = watchFolder(guard, consumer, log);
  const info = (): WorkerInfo => ({ ...introduction(settings), jobs: [...inWork], since, folder: guard.id });
  const warn = unlessWrongFolder(log);
  await folder.look().catch(warn);
  const repetitions = [
    repeat(FOLDER_LOOK_MS, () => folder.look(), warn),
    repeat(settings.reconcileMs, async () => reconcile(runs, queue, await folder.look(), log), warn),
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

const introduction = ({ id, engines, queue: { concurrency } }: WorkerSettings) => ({
  id,
  host: hostname(),
  pid: process.pid,
  engines,
  concurrency,
});

const unlessWrongFolder =
  (log: Logger) =>
  (error: unknown): void => {
    // A wrong folder is said of at its own pace.
    if (!(error instanceof DataFolderMismatch)) log.warn({ err: error }, 'a periodic task of the worker failed');
  };

interface Means {
  readonly settings: WorkerSettings;
  readonly runs: Runs;
  readonly folder: FolderWatch;
  readonly log: Logger;
}

/** Trains the run of a queue entry, if it is in this data folder. A run that is not there may appear yet. */
async function handle(means: Means, id: string, { folder, tries }: Taken, giveBack: AbortSignal): Promise<Verdict> {
  const { log } = means;
  try {
    const own = await means.folder.look();
    if (folder !== undefined && folder !== own) throw new RunMissing(`${id} is in the data folder ${folder}, and this is ${own}`);
    return await train(means, id, giveBack);
  } catch (error) {
    if (error instanceof DataFolderMismatch) return 'give_back';
    const missing =
      error instanceof JobNotFound ? new RunMissing(`${id}: the data folder does not hold this run`, { cause: error }) : error;
    if (!(missing instanceof RunMissing) || tries < TRIES_FOR_MISSING) throw missing;
    log.error({ err: missing, tries }, 'the run did not appear: it is taken for withdrawn, and its entry is dropped');
    return 'done';
  }
}

/** Claims the run and, if there is something left to train, trains it. */
async function train({ settings, runs, log }: Means, id: string, giveBack: AbortSignal): Promise<Verdict> {
  // Before the claim: what keeps the run from being read then spends none of its attempts.
  const { spec } = await runs.read(id);
  const record = await runs.claim(id, { worker: settings.id, maxAttempts: settings.maxAttempts });
  log.info({ state: record.state, attempt: record.attempt, claim: record.claim }, 'claimed');
  if (record.state !== 'running') return 'done';
  const { dataDir, dataset, version, trainer } = settings;
  const { claim, attempt } = record;
  const task = { dataDir, id, claim, attempt, dataset, version, heartbeatMs: trainer.silenceMs / 10, threads: trainer.threads };
  const child = startTrainer(trainer, task, (fields, text) => log.info(fields, text));
  const maxRuntimeSeconds = spec.max_runtime_seconds;
  return supervise({ runs, id, record, maxRuntimeSeconds, trainer: child, giveBack, log });
}
