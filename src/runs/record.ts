import { JobNotFound, RunDamaged } from '../contract/errors.ts';
import type { JobError, JobTransition, RecordedState } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { parseSealed } from './json.ts';
import { recordKey, runKey } from './keys.ts';

/*
 *   state/000001.json   queued
 *   state/000002.json   running, claim 1      Each file is the whole record; the highest number is the present.
 *   state/000003.json   running, claim 2      A writer creates number n + 1 from number n, unless it is there: if another
 *   state/000004.json   succeeded             was first, it reads again and decides again. So there is exactly one
 *                                             history of states, whoever writes, without a lock that could be left behind.
 */

/** What is true of a run as a whole. `claim` is the fence number: it rises each time a worker takes the run. */
export interface RunRecord {
  readonly state: RecordedState;
  readonly reason: string;
  readonly claim: number;
  /** Claims that were spent: a hand-over gives its own back. */
  readonly attempt: number;
  /** Attempts since the history last grew: bounds runs that kill their trainer. */
  readonly fruitless: number;
  /** Attempts in a row that ended for reasons that the run is not to blame for; records of version 0.1.0 do not count them. */
  readonly blameless?: number;
  /** How often the run entered the queue anew by a retry. */
  readonly retries: number;
  readonly revision: number;
  /** Epochs in the history when this record was made. */
  readonly epochs: number;
  readonly worker: string | null;
  readonly error: JobError | null;
  readonly transitions: readonly JobTransition[];
  /** Milliseconds of training over all claims that ended, by clocks that nobody sets; missing in version 0.1.0. */
  readonly trained_ms?: number;
  /** What lists filter and sort by; missing in version 0.1.0. */
  readonly listed?: Listed;
  /** Whose record this is: two writers of the same words are told apart by it. Missing in version 0.1.0. */
  readonly nonce?: string;
}

export interface Listed {
  readonly owner: string | null;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** That of callbacks.checkpoint. */
  readonly monitor: string;
  /** The best value of it, when this record was made. */
  readonly best: number | null;
}

/** A record and its number. */
export interface Numbered {
  readonly sequence: number;
  readonly record: RunRecord;
}

export type Change = Partial<Omit<RunRecord, 'revision' | 'transitions' | 'state' | 'reason' | 'nonce'>> &
  Pick<RunRecord, 'state' | 'reason'>;

/** Rises with every record and every epoch in the history. */
export const revisionOf = (record: RunRecord, epochs: number): number => record.revision + Math.max(0, epochs - record.epochs);

/** Of a run in such a state nobody is told. */
export const isGone = (state: RecordedState): state is 'withdrawn' | 'deleted' => state === 'withdrawn' || state === 'deleted';

/** The record that holds. Throws JobNotFound when there is none or the run is gone, RunDamaged when it cannot be read. */
export async function readPresent(blobs: Blobs, id: string): Promise<Numbered> {
  const newest = await readNewest(blobs, id);
  if (isGone(newest.record.state)) throw new JobNotFound(id);
  return newest;
}

/** Also of a run that is gone. Throws JobNotFound when there is no record, RunDamaged when the newest one cannot be read. */
export async function readNewest(blobs: Blobs, id: string): Promise<Numbered> {
  const sequence = await newestNumber(blobs, id);
  const key = recordKey(id, sequence);
  const bytes = sequence === 0 ? null : await blobs.get(key);
  // Not there: the run is being removed, the newest record last.
  if (bytes === null) throw new JobNotFound(id);
  const record = parseRecord(bytes);
  if (record === null) throw new RunDamaged(id, `${key}: expected a record, got ${bytes.length} bytes that are none`);
  return { sequence, record };
}

/** 0 when there is no record. */
export async function newestNumber(blobs: Blobs, id: string): Promise<number> {
  const names = (await blobs.children(runKey(id, 'state'))).filter((name) => /^\d{6}\.json$/.test(name));
  return Number.parseInt(names.at(-1) ?? '0', 10);
}

/** null when the bytes are no record. */
export function parseRecord(bytes: Buffer): RunRecord | null {
  const record = parseSealed(bytes) as RunRecord | null;
  const isWhole = typeof record?.state === 'string' && Number.isInteger(record.claim) && Array.isArray(record.transitions);
  return isWhole ? record : null;
}
