import type { Blobs } from '../storage/storage.ts';

/*
 *   hours/000042      42 hours have passed, in which at least one process was there to see them pass
 *
 * A clock that nobody can set, and that all processes read alike: an hour is added by a process that has seen the last one for an hour,
 * by its own clock that only runs forward. While no process runs it stands still, so what is kept by it is kept longer, never shorter.
 */

const HOUR_MS = 3_600_000;

export interface Hours {
  /** Hours so far. Throws StorageFull, StorageUnavailable. */
  now(): Promise<number>;
}

export function openHours(blobs: Blobs, elapsedMs: () => number = () => performance.now()): Hours {
  let seen = { hour: -1, at: 0 };
  const newest = async (): Promise<number> => Number((await blobs.children('hours')).at(-1) ?? 0);
  return {
    async now() {
      const hour = await newest();
      if (hour !== seen.hour) seen = { hour, at: elapsedMs() };
      if (elapsedMs() - seen.at < HOUR_MS) return hour;
      await blobs.putIfAbsent(keyOf(hour + 1), '');
      await blobs.remove([keyOf(hour - 1)]);
      seen = { hour: await newest(), at: elapsedMs() };
      return seen.hour;
    },
  };
}

const keyOf = (hour: number): string => `hours/${String(Math.max(0, hour)).padStart(6, '0')}`;
