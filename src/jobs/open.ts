import type { Logger } from 'pino';
import { NO_RUNTIME_LIMITS, type RuntimeLimits } from '../contract/runtime-limits.ts';
import type { JobQueue } from '../queue/queue.ts';
import { guardFolder } from '../runs/folder-guard.ts';
import { openRuns } from '../runs/store.ts';
import type { Blobs } from '../storage/storage.ts';
import type { Jobs } from './context.ts';
import { askForFolder } from './data-folder.ts';
import { openIdempotencyKeys } from './idempotency.ts';
import { keepSums } from './results/kept-sums.ts';
import { watchRevisions } from './revisions.ts';
import { newJobIds } from './submit.ts';

export interface JobsOptions {
  readonly blobs: Blobs;
  readonly queue: JobQueue;
  /** Where the blobs lie, for messages. */
  readonly dataDir: string;
  readonly version: string;
  /** What links begin with, without a slash at its end; '' unless given. */
  readonly baseUrl?: string;
  /** None unless given. */
  readonly runtime?: RuntimeLimits;
}

const SWEEP_MS = 3_600_000;
const WATCH_MS = 200;
/** Sums of models that are kept in memory, of about 300 bytes each. */
const SUMS = 1_000;

/** Opens what the use cases work with; `watchMs`: how often runs that somebody waits for are looked at. `close` ends what waits. */
export async function openJobs(options: JobsOptions, log: Logger, watchMs = WATCH_MS): Promise<Jobs & { close(): void }> {
  const { blobs, dataDir, queue, baseUrl = '', runtime = NO_RUNTIME_LIMITS, version } = options;
  const runs = openRuns(blobs);
  const folder = await guardFolder(blobs, dataDir, queue);
  const stopAsking = await askForFolder(folder, log);
  const keys = openIdempotencyKeys(blobs);
  const revisions = watchRevisions(async (id) => (await runs.read(id)).revision, watchMs);
  const sweep = (): void =>
    void keys.sweep().catch((error: unknown) => log.error({ err: error }, 'expired idempotency keys were not removed'));
  const sweeping = setInterval(sweep, SWEEP_MS).unref();
  sweep();
  const close = (): void => {
    stopAsking();
    clearInterval(sweeping);
    revisions.close();
  };
  return {
    blobs,
    runs,
    queue,
    version,
    baseUrl,
    runtime,
    folder,
    keys,
    revisions,
    sums: keepSums(blobs, runs, SUMS),
    newJobId: newJobIds(),
    close,
  };
}
