import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { RuntimeLimits } from '../contract/runtime-limits.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { FolderGuard } from '../runs/folder-guard.ts';
import type { Runs } from '../runs/store.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import type { RevisionWatch } from './revision-watch.ts';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What routes work with. */
export interface Context {
  readonly runs: Runs;
  readonly queue: JobQueue;
  /** Whether the data folder is the one that the queue belongs to. */
  readonly folder: FolderGuard;
  readonly keys: IdempotencyKeys;
  readonly watch: RevisionWatch;
  readonly dataDir: string;
  /** What its file system does without, in sentences: nothing that keeps jobs from being taken. */
  readonly folderLimits: readonly string[];
  readonly version: string;
  /** What links begin with: '' or the public address, without a slash at its end. */
  readonly baseUrl: string;
  /** How long an answer is held at most, in milliseconds. */
  readonly heldMs: number;
  readonly runtime: RuntimeLimits;
  /** A new id, above those before it. */
  readonly newJobId: () => string;
}
