import { AttemptsExhausted, EntryOutlived, type EpochdError, FenceLost, WrongState } from '../contract/errors.ts';
import type { JobError } from '../contract/job.ts';
import { isTerminal } from '../contract/job.ts';
import type { Change, Numbered, RunRecord } from './record.ts';

/* The moves of the state machine in contract/job.ts. Pure: each sees the present record and gives the change, or null when there is nothing to do. */

/**
 * Attempts in a row, without a new epoch, that ended for reasons that the run is not to blame for, until it is given up. The queue
 * pauses 64 s between them: about six hours. A count, because no clock can be trusted over hours.
 */
const MAX_BLAMELESS = 340;

export interface Claimant {
  readonly worker: string;
  /** Attempts allowed without a new epoch between them. */
  readonly maxAttempts: number;
  /** Of the queue entry that names the run; left out by who has none. */
  readonly retries?: number;
}

/** How a claim ends. */
export type End =
  | { readonly type: 'finished'; readonly reason: 'completed' | 'early_stopped' }
  /** A retryable error lets the run wait for another attempt, unless it did not pass in hours. */
  | { readonly type: 'failed'; readonly error: EpochdError }
  /** The worker gives the run back: the attempt is not spent. */
  | { readonly type: 'handed_over' };

/** A worker takes the run, from the queue or from a worker that was lost. Null when it needs no training any more. Throws EntryOutlived. */
export function claim(record: RunRecord, epochs: number, { worker, maxAttempts, retries = record.retries }: Claimant): Change | null {
  if (retries !== record.retries) throw new EntryOutlived(`the entry is of retry ${retries}, the run was retried ${record.retries} times`);
  if (isTerminal(record.state)) return null;
  const next = { claim: record.claim + 1, worker };
  if (record.state === 'cancelling') return { ...next, state: 'cancelled', reason: 'cancel_requested' };
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

/**
 * The one move that ends a claim. A cancel that was accepted before holds, however the training ended; nowhere else is that decided.
 * `trainedMs`: how long the run has trained over all claims. Throws FenceLost.
 */
export function end(record: RunRecord, epochs: number, id: string, claim: number, how: End, trainedMs: number): Change {
  assertHolds(record, id, claim);
  const trained_ms = Math.max(trainedMs, record.trained_ms ?? 0);
  if (record.state === 'cancelling') return { state: 'cancelled', reason: 'cancel_requested', trained_ms };
  return { ...changeAt(record, epochs, how), trained_ms };
}

/** Takes back what was promised to nobody: null when the run is not as its maker left it, because others count on it. */
export const withdraw = ({ sequence, record }: Numbered, made: Numbered): Change | null =>
  sequence === made.sequence && record.nonce === made.record.nonce ? { state: 'withdrawn', reason: 'not_queued' } : null;

/** Another request counts on the run: from now on whoever made it cannot withdraw it. Null when a worker has taken it anyway. */
export const adopt = ({ state, claim, reason }: RunRecord): Change | null => (state === 'queued' && claim === 0 ? { state, reason } : null);

/** Throws WrongState when the run has not ended. */
export function remove(record: RunRecord, id: string): Change {
  if (isTerminal(record.state)) return { state: 'deleted', reason: 'delete_requested' };
  throw new WrongState(id, record.state, 'only a job that has ended can be deleted; cancel it first');
}

/** Throws FenceLost: what an older claim says of the run no longer counts. */
export function assertHolds(record: RunRecord, id: string, claim: number): void {
  // Queued: this claim has ended already, and no other has begun.
  if (record.claim === claim && (record.state === 'running' || record.state === 'cancelling')) return;
  throw new FenceLost(`claim ${claim} of ${id} is over: the run is ${record.state} under claim ${record.claim}`);
}

function changeAt(record: RunRecord, epochs: number, how: End): Change {
  if (how.type === 'finished') return { state: 'succeeded', reason: how.reason };
  if (how.type === 'handed_over') {
    const fruitless = fruitlessAfter(record, epochs, false);
    return { state: 'queued', reason: 'handed_over', attempt: record.attempt - 1, fruitless, worker: null };
  }
  const { error } = how;
  const blameless = error.countsAgainstRun || epochs > record.epochs ? 0 : (record.blameless ?? 0) + 1;
  if (!error.retryable || blameless >= MAX_BLAMELESS) return { state: 'failed', reason: error.code, error: errorOf(error) };
  const fruitless = fruitlessAfter(record, epochs, error.countsAgainstRun);
  return { state: 'queued', reason: error.code, fruitless, blameless, worker: null, error: errorOf(error) };
}

/** A claim counts itself when it begins; when it ends, a new epoch clears the count, and an end that the run is not to blame for takes it back. */
function fruitlessAfter(record: RunRecord, epochs: number, counts: boolean): number {
  if (epochs > record.epochs) return 0;
  return record.fruitless - (counts ? 0 : 1);
}

const errorOf = ({ kind, code, message, retryable }: EpochdError): JobError => ({ kind, code, message, retryable });

const exhausted = (record: RunRecord, attempts: number): AttemptsExhausted =>
  new AttemptsExhausted(
    `training was started ${attempts} times without a new epoch; the last end was: ${record.error?.message ?? record.reason}`,
  );
