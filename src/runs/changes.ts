import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import { JobNotFound } from '../contract/errors.ts';
import type { Logs } from '../contract/history.ts';
import type { JobTransition } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { sealed } from './json.ts';
import { CHANGES, LAYOUT, recordKey, UNFINISHED, unfinishedKey } from './keys.ts';
import { type Change, isGone, type Listed, type Numbered, type RunRecord, readPresent, revisionOf } from './record.ts';

/*
 * Order of writing:   marker of the unfinished run   record   change   (the record is terminal: results, then the marker goes)
 *
 * A process that dies in between leaves the marker: whoever reconciles finds the run by it, and puts the change.
 */

/** A run that has not ended, as its queue entry is named: a retry is another one, so that nobody removes what it put. */
export interface Unfinished {
  readonly id: string;
  readonly retries: number;
}

export const markUnfinished = (blobs: Blobs, { id, retries }: Unfinished): Promise<boolean> =>
  blobs.putIfAbsent(unfinishedKey(id, retries), '');

export const unmark = (blobs: Blobs, { id, retries }: Unfinished): Promise<void> => blobs.remove([unfinishedKey(id, retries)]);

/** Whether there is the marker that a run has which has not ended; true also where version 0.1.0 wrote the runs, which had none. */
export async function isMarked(blobs: Blobs, { id, retries }: Unfinished): Promise<boolean> {
  return (await blobs.size(unfinishedKey(id, retries))) !== null || (await blobs.size(LAYOUT)) === null;
}

/** Oldest first. */
export async function listUnfinished(blobs: Blobs): Promise<Unfinished[]> {
  const names = await blobs.children(UNFINISHED);
  return names.flatMap((name) => {
    const [, id, retries] = /^(job_[0-9A-Z]{26})\.(\d+)$/.exec(name) ?? [];
    return id === undefined ? [] : [{ id, retries: Number(retries) }];
  });
}

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

/** Says that the run has a record of this number, for whoever keeps an index. Not waited for by a disk: a lost one is put again. */
export async function logChange(blobs: Blobs, id: string, sequence: number, now: Date): Promise<void> {
  const hour = now.toISOString().slice(0, 13).replace(/[-T]/g, '');
  await blobs.put(`${CHANGES}/${hour}/${ulid(now.getTime())}-${id}-${sequence}`, '', { durable: false });
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
