import { EpochdError, type ErrorKind, JobNotFound, RunMissing } from '../contract/errors.ts';
import type { JobError } from '../contract/job.ts';
import { anyStorageError } from '../contract/storage-error.ts';

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
export function toTrainerError(thrown: unknown): TrainerError {
  const error = named(thrown);
  if (error instanceof EpochdError) {
    const { code, kind, message, retryable, countsAgainstRun } = error;
    return { code, kind, message, retryable, countsAgainstRun };
  }
  return { code: 'internal_error', kind: 'infrastructure', message: String(error), retryable: false, countsAgainstRun: true };
}

/** A worker has just claimed the run: it was there. */
function named(error: unknown): unknown {
  if (error instanceof JobNotFound) return new RunMissing(`${error.id}: its run directory is not there any more`, { cause: error });
  return anyStorageError(error, 'a file');
}
