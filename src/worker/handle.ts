import type { Logger } from 'pino';
import { DataFolderMismatch, EntryOutlived, JobNotFound, MemoryInsufficient, RunDamaged, RunMissing } from '../contract/errors.ts';
import { runtimeOf } from '../contract/runtime-limits.ts';
import { estimateCost } from '../plan/cost.ts';
import type { Taken, Verdict } from '../queue/consumer.ts';
import type { QueueEntry } from '../queue/entry.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { Runs } from '../runs/store.ts';
import type { FolderWatch } from './folder-watch.ts';
import { relayProgress } from './progress-relay.ts';
import type { WorkerSettings } from './settings.ts';
import { supervise } from './supervise.ts';
import { refusedTrainer, startTrainer } from './trainer-process.ts';

/** Tries, about a minute's worth of pauses, after which a run that the folder does not hold is believed to have been withdrawn. */
const TRIES_FOR_MISSING = 6;

interface Means {
  readonly settings: WorkerSettings;
  readonly runs: Runs;
  readonly queue: Pick<JobQueue, 'publishProgress'>;
  readonly folder: FolderWatch;
  readonly log: Logger;
}

/** Trains the run of a queue entry, if it is in this data folder. A run that is not there may appear yet. */
export async function handle(means: Means, id: string, { folder, retries, tries }: Taken, giveBack: AbortSignal): Promise<Verdict> {
  const { log } = means;
  try {
    const own = await means.folder.look();
    if (folder !== undefined && folder !== own) throw new RunMissing(`${id} is in the data folder ${folder}, and this is ${own}`);
    return await train(means, { id, retries }, giveBack);
  } catch (error) {
    if (error instanceof DataFolderMismatch) return 'give_back';
    if (error instanceof RunDamaged) {
      log.error({ err: error }, 'the run cannot be read: its entry is dropped');
      return 'done';
    }
    if (error instanceof EntryOutlived) {
      log.info({ err: error }, 'the entry has nothing to train');
      return 'done';
    }
    const missing =
      error instanceof JobNotFound ? new RunMissing(`${id}: the data folder does not hold this run`, { cause: error }) : error;
    if (!(missing instanceof RunMissing) || tries < TRIES_FOR_MISSING) throw missing;
    log.error({ err: missing, tries }, 'the run did not appear: it is taken for withdrawn, and its entry is dropped');
    return 'done';
  }
}

/** Claims the run and, if there is something left to train, trains it. */
async function train({ settings, runs, queue, log }: Means, { id, retries }: QueueEntry, giveBack: AbortSignal): Promise<Verdict> {
  // Before the claim: what keeps the run from being read then spends none of its attempts.
  const { birth, trainedMs } = await runs.read(id);
  const { spec, data, plan } = birth;
  const record = await runs.claim(id, { worker: settings.id, maxAttempts: settings.maxAttempts, retries });
  const { state, attempt, claim } = record;
  log.info({ state, attempt, claim }, 'claimed');
  if (state !== 'running') return 'done';
  const { memoryBytes, longestCallSeconds } = estimateCost(plan, spec, data);
  const task = { ...taskFor(settings), id, claim, attempt, longestCallMs: longestCallSeconds * 1000, trainedMs };
  const lacking = checkMachine(memoryBytes, settings.memoryBytes);
  const relay = relayProgress((progress) => queue.publishProgress(id, progress));
  const told = { note: (fields: object, text: string) => log.info(fields, text), progress: relay.hear };
  const trainer = lacking ? refusedTrainer(lacking) : startTrainer(settings.trainer, task, told);
  const start = performance.now();
  const runtime = { ...runtimeOf(spec, settings.runtime), trainedMs: () => Math.round(trainedMs + performance.now() - start) };
  return supervise({ runs, id, record, runtime, memoryBytes, trainer, giveBack, log }).finally(relay.stop);
}

/** What every trainer of this worker is told. */
const taskFor = ({ dataDir, dataset, version, trainer, queue }: WorkerSettings) => ({
  dataDir,
  dataset,
  version,
  beatMs: trainer.silenceMs / 10,
  threads: trainer.threads,
  trainings: queue.concurrency,
});

/** Otherwise the system would kill the trainer, in each of its attempts, and the job could not say why. */
function checkMachine(needed: number, memoryBytes: number): MemoryInsufficient | null {
  if (needed <= memoryBytes) return null;
  const [estimate, machine] = [needed, memoryBytes].map((bytes) => (bytes / 2 ** 30).toFixed(2));
  return new MemoryInsufficient(`training needs about ${estimate} GiB of memory: this worker's machine or container has ${machine} GiB`);
}
