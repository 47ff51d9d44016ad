import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Jobs } from '../jobs/context.ts';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What routes work with. */
export interface Context extends Jobs {
  /** What the file system of the data folder does without, in sentences: nothing that keeps jobs from being taken. */
  readonly folderLimits: readonly string[];
  /** How long an answer is held at most, in milliseconds. */
  readonly heldMs: number;
}
