import { EpochdError, type Problem } from '../contract/errors.ts';

/** Thrown when an Idempotency-Key comes again with another body. */
export class IdempotencyKeyReused extends EpochdError {
  readonly code = 'idempotency_key_reused';
  readonly kind = 'user';
}

/** Thrown when a request with the same Idempotency-Key is still being worked on. */
export class IdempotencyConflict extends EpochdError {
  readonly code = 'idempotency_conflict';
  readonly kind = 'user';
  override readonly retryable = true;
}

/** Thrown when the manifest is asked for and no training has written one. */
export class NoManifestYet extends EpochdError {
  readonly code = 'no_manifest_yet';
  readonly kind = 'user';
}

/** Thrown when something that this service needs does not work now. */
export class NotReady extends EpochdError {
  readonly code = 'not_ready';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(`not ready: ${problems.map(({ detail }) => detail).join('; ')}`);
    this.problems = problems;
  }
}
