import { randomBytes } from 'node:crypto';
import { JobNotFound, RunDamaged } from '../contract/errors.ts';
import type { Logs } from '../contract/history.ts';
import type { JobError, JobTransition, RecordedState } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { parseSealed, sealed } from './json.ts';
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

/** What the history says when a record is made. */
export interface Grown {
  readonly epochs: number;
  /** What was logged at the end of the best epoch. */
  readonly best: Logs | null;
}

export const NOTHING_GREW: Grown = { epochs: 0, best: null };

/** Creates the first record of a run; null when there is one. */
export async function createRecord(blobs: Blobs, id: string, listed: Listed, now: Date): Promise<Numbered | null> {
  const transition: JobTransition = { from: null, to: 'queued', at: now.toISOString(), reason: 'submitted', attempt: 0 };
  const record: RunRecord = {
    state: 'queued',
    reason: 'submitted',
    claim: 0,
    attempt: 0,
    fruitless: 0,
    blameless: 0,
    retries: 0,
    revision: 1,
    epochs: 0,
    worker: null,
    error: null,
    transitions: [transition],
    trained_ms: 0,
    listed,
    nonce: newNonce(),
  };
  return (await blobs.putIfAbsent(recordKey(id, 1), sealed(record))) ? { sequence: 1, record } : null;
}

/**
 * Moves a run on: `decide` sees the present record and gives the change, or null for none; it may be asked again when another
 * process was faster. Resolves to the record that holds afterwards. Throws JobNotFound, RunDamaged and what `decide` throws.
 */
export async function changeRecord(
  blobs: Blobs,
  id: string,
  now: () => Date,
  grown: (record: RunRecord) => Promise<Grown>,
  decide: (present: Numbered, epochs: number) => Change | null,
): Promise<Numbered & { readonly isNew: boolean }> {
  for (;;) {
    const present = await readPresent(blobs, id);
    const growth = await grown(present.record);
    const change = decide(present, growth.epochs);
    if (change === null) return { ...present, isNew: false };
    const record = apply(present.record, change, growth, now());
    const sequence = present.sequence + 1;
    if (!(await blobs.putIfAbsent(recordKey(id, sequence), sealed(record)))) continue;
    await assertFollows(blobs, id, sequence);
    return { sequence, record, isNew: true };
  }
}

/** Of a run that was removed meanwhile every number is free again: the record before this one goes first, and the one that says so last. */
async function assertFollows(blobs: Blobs, id: string, sequence: number): Promise<void> {
  if ((await blobs.size(recordKey(id, sequence - 1))) !== null) return;
  await blobs.remove([recordKey(id, sequence)]);
  throw new JobNotFound(id);
}

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

function apply(record: RunRecord, change: Change, { epochs, best }: Grown, now: Date): RunRecord {
  const next = { ...record, error: null, epochs, ...change, revision: revisionOf(record, epochs) + 1, nonce: newNonce() };
  const { state: to, reason, attempt } = next;
  const { state: from } = record;
  const transition =
    isGone(from) || isGone(to) || (from === 'queued' && to === 'queued') ? [] : [{ from, to, at: now.toISOString(), reason, attempt }];
  return {
    ...next,
    ...(record.listed && { listed: { ...record.listed, best: best?.[record.listed.monitor] ?? null } }),
    transitions: [...record.transitions, ...transition],
  };
}

export const newNonce = (): string => randomBytes(8).toString('hex');
