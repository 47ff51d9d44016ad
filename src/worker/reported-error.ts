import { EpochdError, type ErrorKind } from '../contract/errors.ts';
import type { JobError } from '../contract/job.ts';

/** Thrown when a trainer said why it failed, with that error's own code and words. */
export class ReportedError extends EpochdError {
  readonly code: string;
  readonly kind: ErrorKind;
  override readonly retryable: boolean;

  constructor({ code, kind, message, retryable }: JobError) {
    super(message);
    this.code = code;
    this.kind = kind;
    this.retryable = retryable;
  }
}

/** An error as it crosses from a trainer to its worker. One without a name is a fault of the program: trying again would not help. */
export function toJobError(error: unknown): JobError {
  if (error instanceof EpochdError) {
    const { code, kind, message, retryable } = error;
    return { code, kind, message, retryable };
  }
  return { code: 'internal_error', kind: 'infrastructure', message: String(error), retryable: false };
}
