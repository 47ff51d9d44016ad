import { AttemptsExhausted, type EpochdError, FenceLost, WrongState } from '../contract/errors.ts';
import type { JobError } from '../contract/job.ts';
import { isTerminal } from '../contract/job.ts';
import type { Change, RunRecord } from './record.ts';

/* The moves of the state machine in contract/job.ts. Pure: each sees the present record and gives the change, or null when there is nothing to do. */

const CANCELLED = { state: 'cancelled', reason: 'cancel_requested' } as const;

/**
 * Attempts in a row, without a new epoch, that ended for reasons that the run is not to blame for, until it is given up. The queue
 * pauses 64 s between them: about six hours. A count, because no clock can be trusted over hours.
 */
const MAX_BLAMELESS = 340;

export interface Claimant {
  readonly worker: string;
  /** Attempts allowed without a new epoch between them. */
  readonly maxAttempts: number;
}

/** A worker takes the run, from the queue or from a worker that was lost. Null when it needs no training any more. */
export function claim(record: RunRecord, epochs: number, { worker, maxAttempts }: Claimant): Change | null {
  if (isTerminal(record.state)) return null;
  const next = { claim: record.claim + 1, worker };
  if (record.state === 'cancelling') return { ...next, ...CANCELLED };
  const fruitless = fruitlessAfter(record, epochs, true);
  if (fruitless >= maxAttempts)
    return { ...next, state: 'failed', reason: 'attempts_exhausted', error: errorOf(exhausted(record, fruitless)) };
  const reason = record.state === 'running' ? 'worker_lost' : 'claimed';
  return { ...next, state: 'running', reason, attempt: record.attempt + 1, fruitless: fruitless + 1 };
}

/** Null when the run is already being cancelled or is cancelled. Throws WrongState when it ended otherwise. */
export function cancel(record: RunRecord, id: string): Change | null {
  if (record.state === 'cancelling' || record.state === 'cancelled') return null;
  if (isTerminal(record.state)) throw new WrongState(id, record.state, 'only a job that has not ended can be cancelled');
  return { state: record.state === 'queued' ? 'cancelled' : 'cancelling', reason: 'cancel_requested' };
}

/** Null when the run is already waiting or running. Throws WrongState when it succeeded. */
export function retry(record: RunRecord, id: string): Change | null {
  if (record.state === 'succeeded') throw new WrongState(id, record.state, 'only a failed or cancelled job can be retried');
  if (record.state === 'cancelling') throw new WrongState(id, record.state, 'wait until it is cancelled, then retry');
  if (!isTerminal(record.state)) return null;
  return { state: 'queued', reason: 'retry_requested', fruitless: 0, blameless: 0, retries: record.retries + 1, worker: null };
}

/** The worker shuts down and gives the run back: the attempt is not spent. */
export function handOver(record: RunRecord, epochs: number, id: string, claim: number): Change {
  assertHolds(record, id, claim);
  if (record.state === 'cancelling') return CANCELLED;
  const fruitless = fruitlessAfter(record, epochs, false);
  return { state: 'queued', reason: 'handed_over', attempt: record.attempt - 1, fruitless, worker: null };
}

/** A failure that may pass: the run waits for another attempt, unless it did not pass in hours. */
export function requeue(record: RunRecord, epochs: number, id: string, claim: number, error: EpochdError): Change {
  assertHolds(record, id, claim);
  if (record.state === 'cancelling') return CANCELLED;
  const blameless = error.countsAgainstRun || epochs > record.epochs ? 0 : (record.blameless ?? 0) + 1;
  if (blameless >= MAX_BLAMELESS) return fail(record, id, claim, error);
  const fruitless = fruitlessAfter(record, epochs, error.countsAgainstRun);
  return { state: 'queued', reason: error.code, fruitless, blameless, worker: null, error: errorOf(error) };
}

/** A claim counts itself when it begins; when it ends, a new epoch clears the count, and an end that the run is not to blame for takes it back. */
function fruitlessAfter(record: RunRecord, epochs: number, counts: boolean): number {
  if (epochs > record.epochs) return 0;
  return record.fruitless - (counts ? 0 : 1);
}

/** A cancel that was accepted before the training ended still holds. */
export function succeed(record: RunRecord, id: string, claim: number, reason: string): Change {
  assertHolds(record, id, claim);
  if (record.state === 'cancelling') return CANCELLED;
  return { state: 'succeeded', reason };
}

export function fail(record: RunRecord, id: string, claim: number, error: EpochdError): Change {
  assertHolds(record, id, claim);
  if (record.state === 'cancelling') return CANCELLED;
  return { state: 'failed', reason: error.code, error: errorOf(error) };
}

/** Throws FenceLost: what an older claim says of the run no longer counts. */
export function assertHolds(record: RunRecord, id: string, claim: number): void {
  if (record.claim === claim && !isTerminal(record.state)) return;
  throw new FenceLost(`claim ${claim} of ${id} is over: the run is ${record.state} under claim ${record.claim}`);
}

const errorOf = ({ kind, code, message, retryable }: EpochdError): JobError => ({ kind, code, message, retryable });

const exhausted = (record: RunRecord, attempts: number): AttemptsExhausted =>
  new AttemptsExhausted(
    `training was started ${attempts} times without a new epoch; the last end was: ${record.error?.message ?? record.reason}`,
  );
