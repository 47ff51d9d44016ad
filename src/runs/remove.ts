import type { Blobs } from '../storage/storage.ts';
import { changeRecord, markUnfinished, NOTHING_GREW, unmark } from './changes.ts';
import { sealed } from './json.ts';
import { claimKey, recordKey, runKey } from './keys.ts';
import { remove as lifecycleRemove } from './lifecycle.ts';
import { findRun } from './read-run.ts';
import { newestNumber, parseRecord } from './record.ts';

/**
 * Removes a run that has ended, or that is damaged, whatever its state: a move of its record first, which a retry at the same time
 * cannot meet. Gives the number of its retries. Throws JobNotFound, WrongState.
 */
export async function remove(blobs: Blobs, id: string, now: () => Date): Promise<number> {
  const run = await findRun(blobs, id);
  const isDamaged = 'damage' in run;
  const retries = run.record?.retries ?? 0;
  await markUnfinished(blobs, { id, retries });
  if (isDamaged && run.record === null) await blobs.putIfAbsent(recordKey(id, (await newestNumber(blobs, id)) + 1), sealed(GONE));
  else
    await changeRecord(
      blobs,
      id,
      now,
      async () => NOTHING_GREW,
      ({ record }) => (isDamaged ? { state: 'deleted', reason: 'delete_requested' } : lifecycleRemove(record, id)),
    );
  await removeRun(blobs, id);
  return retries;
}

/** The record after one that cannot be read. */
const GONE = { state: 'deleted', reason: 'delete_requested', claim: 0, retries: 0, transitions: [] };

/** Removes everything of a run whose record says that it is gone: that record last, and then its marker. */
export async function removeRun(blobs: Blobs, id: string): Promise<void> {
  const newest = await newestNumber(blobs, id);
  const record = await blobs.get(recordKey(id, newest));
  const others = (await blobs.children(runKey(id))).filter((name) => name !== 'state');
  const blobsBeside = others.map((name) => runKey(id, name));
  await Promise.all(blobsBeside.map((prefix) => blobs.removeAll(prefix)));
  await blobs.remove(blobsBeside);
  await blobs.remove(Array.from({ length: Math.max(0, newest - 1) }, (_, index) => recordKey(id, index + 1)));
  await blobs.remove([recordKey(id, newest)]);
  await blobs.removeAll(runKey(id));
  const { retries = 0 } = (record && parseRecord(record)) ?? {};
  await unmark(blobs, { id, retries });
}

/** Removes the claims before the one that holds the results: the run has ended. `claim`: the record's. */
export async function dropOlderClaims(blobs: Blobs, id: string, claim: number): Promise<void> {
  const claims = (await blobs.children(runKey(id, 'claims'))).filter((name) => /^\d{4,}$/.test(name)).map(Number);
  if (claims.length < 2) return;
  const isLaidOut = async (number: number): Promise<boolean> =>
    (await blobs.children(claimKey(id, number))).some((name) => name === 'head.json' || name === 'history.jsonl');
  const kept = await newestOf(claims.filter((number) => number <= claim).reverse(), isLaidOut);
  const dropped = claims.filter((number) => number <= claim && number !== kept);
  await Promise.all(dropped.map((number) => blobs.removeAll(claimKey(id, number))));
}

async function newestOf(falling: readonly number[], isWanted: (number: number) => Promise<boolean>): Promise<number | null> {
  for (const number of falling) if (await isWanted(number)) return number;
  return null;
}
