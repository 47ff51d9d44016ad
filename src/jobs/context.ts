import type { RuntimeLimits } from '../contract/runtime-limits.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { FolderGuard } from '../runs/folder-guard.ts';
import type { Runs } from '../runs/store.ts';
import type { Blobs } from '../storage/storage.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import type { KeptSums } from './results/kept-sums.ts';
import type { RevisionWatch } from './revisions.ts';

/** What the use cases work with. */
export interface Jobs {
  readonly blobs: Blobs;
  readonly runs: Runs;
  readonly queue: JobQueue;
  /** Whether the data folder is the one that the queue belongs to. */
  readonly folder: FolderGuard;
  readonly keys: IdempotencyKeys;
  readonly revisions: RevisionWatch;
  /** Of the models that were asked for. */
  readonly sums: KeptSums;
  readonly version: string;
  /** What links begin with: '' or the public address, without a slash at its end. */
  readonly baseUrl: string;
  readonly runtime: RuntimeLimits;
  /** A new id, above those before it. */
  readonly newJobId: () => string;
}
