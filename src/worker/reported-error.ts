import { EpochdError, type ErrorKind } from '../contract/errors.ts';
import type { JobError } from '../contract/job.ts';

/** An error as it crosses from a trainer to its worker. */
export type TrainerError = JobError & Pick<EpochdError, 'countsAgainstRun'>;

/** Thrown when a trainer said why it failed, with that error's own code and words. */
export class ReportedError extends EpochdError {
  readonly code: string;
  readonly kind: ErrorKind;
  override readonly retryable: boolean;
  override readonly countsAgainstRun: boolean;

  constructor({ code, kind, message, retryable, countsAgainstRun }: TrainerError) {
    super(message);
    this.code = code;
    this.kind = kind;
    this.retryable = retryable;
    this.countsAgainstRun = countsAgainstRun;
  }
}

/** One without a name is a fault of the program: trying again would not help. */
export function toTrainerError(error: unknown): TrainerError {
  if (error instanceof EpochdError) {
    const { code, kind, message, retryable, countsAgainstRun } = error;
    return { code, kind, message, retryable, countsAgainstRun };
  }
  return { code: 'internal_error', kind: 'infrastructure', message: String(error), retryable: false, countsAgainstRun: true };
}
