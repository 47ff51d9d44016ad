import type { RedisClient } from './connection.ts';
import { entryKey, type QueueEntry } from './entry.ts';

/*
 * BullMQ keeps an entry as a hash, and the key of that hash in one place:
 *
 *   prioritized, delayed      sorted sets, of any size
 *   wait, paused, active      lists, of what workers hold and what came back from them
 *
 * An operator, a full Redis or half of a backup can take the one and leave the other: then no worker is ever given the entry.
 */
const SETS = ['prioritized', 'delayed'] as const;
const LISTS = ['wait', 'paused', 'active'] as const;

/** Entries that are asked for at once: far below what Redis answers within the time that a command may take. */
const BATCH = 500;

/** How a queue is asked. */
export interface Asked {
  readonly client: RedisClient;
  toKey(name: string): string;
  ask<T>(question: () => Promise<T>): Promise<T>;
}

/**
 * Those that no worker holds or will be given: without a hash or in no place. However many are asked for, no question is a long one.
 * Throws QueueUnavailable.
 */
export async function findMissing<E extends QueueEntry>(asked: Asked, entries: readonly E[]): Promise<E[]> {
  const missing: E[] = [];
  for (let start = 0; start < entries.length; start += BATCH) {
    const batch = entries.slice(start, start + BATCH);
    const keys = batch.map(entryKey);
    if (await asked.ask(() => areAllWaiting(asked, keys))) continue;
    const isThere = await asked.ask(() => lookAtEach(asked, keys));
    missing.push(...batch.filter((_, index) => isThere[index] === false));
  }
  return missing;
}

/* Each question is one transaction: an entry is moved by one script, so on its way it is seen in the one place or in the other. */

/** Most are, and that is cheaply asked. */
async function areAllWaiting({ client, toKey }: Asked, keys: readonly string[]): Promise<boolean> {
  const transaction = client.multi().exists(...keys.map(toKey));
  for (const set of SETS) transaction.zmscore(toKey(set), ...keys);
  const [hashes, ...scores] = repliesOf(await transaction.exec()) as [number, ...(string | null)[][]];
  return hashes === keys.length && keys.every((_, index) => scores.some((score) => score[index] !== null));
}

async function lookAtEach({ client, toKey }: Asked, keys: readonly string[]): Promise<boolean[]> {
  const transaction = client.multi();
  for (const key of keys) transaction.exists(toKey(key));
  transaction.mget(keys.map((key) => `${toKey(key)}:lock`));
  for (const set of SETS) transaction.zmscore(toKey(set), ...keys);
  for (const list of LISTS) transaction.lrange(toKey(list), 0, -1);
  const replies = repliesOf(await transaction.exec());
  const hashes = replies.slice(0, keys.length) as number[];
  const [locks, ...rest] = replies.slice(keys.length) as (string | null)[][];
  const scores = rest.slice(0, SETS.length);
  const listed = new Set(rest.slice(SETS.length).flat());
  return keys.map((key, index) => {
    // Whatever else of it is lost: the worker that holds its lock sees it to its end, and until then it cannot be removed.
    if (locks?.[index] !== null) return true;
    return hashes[index] === 1 && (listed.has(key) || scores.some((score) => score[index] !== null));
  });
}

function repliesOf(results: [Error | null, unknown][] | null): unknown[] {
  if (results === null) throw new Error('the transaction was not carried out');
  return results.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
}
