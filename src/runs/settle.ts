import { JobNotFound } from '../contract/errors.ts';
import { isTerminal, jobIdSchema } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { logChange, markUnfinished, type Unfinished, unmark } from './changes.ts';
import { RUNS, runKey, unfinishedKey } from './keys.ts';
import { isGone, type Numbered, type RunRecord, readNewest } from './record.ts';
import { dropOlderClaims, removeRun } from './remove.ts';

/** A marker is put before its record: one without it for this long was put by a process that died. By a clock that nobody sets. */
const ABANDONED_MS = 3_600_000;

/** Sees through what a process that died left undone, if a run has ended. True when it has not. Throws RunDamaged. */
export type Settle = (unfinished: Unfinished) => Promise<boolean>;

export function openSettlement(blobs: Blobs, now: () => Date, elapsedMs: () => number = () => performance.now()): Settle {
  const firstSeen = new Map<string, number>();

  /** Nothing is there of what the marker says: it is about to be, unless its process died. */
  const drop = async ({ id, retries }: Unfinished, isWithoutRecord: boolean): Promise<void> => {
    const key = unfinishedKey(id, retries);
    const seen = firstSeen.get(key) ?? elapsedMs();
    firstSeen.set(key, seen);
    if (elapsedMs() - seen < ABANDONED_MS) return;
    if (isWithoutRecord) await blobs.removeAll(runKey(id));
    await unmark(blobs, { id, retries });
    firstSeen.delete(key);
  };

  return async (unfinished) => {
    const { id, retries } = unfinished;
    const newest = await readIfThere(blobs, id);
    if (newest === null || newest.record.retries < retries) {
      await drop(unfinished, newest === null);
      return false;
    }
    const { sequence, record } = newest;
    if (isGone(record.state)) await removeRun(blobs, id);
    else if (record.retries > retries) await unmark(blobs, unfinished);
    else if (isTerminal(record.state)) {
      await logChange(blobs, id, sequence, now());
      await seeThrough(blobs, id, record);
    } else return true;
    return false;
  };
}

/**
 * Marks folders of which nobody is told, so that they are settled: what a writer that was frozen wrote of a run that was deleted
 * meanwhile. Looks into each run's folder, and at nothing more.
 */
export async function markStrays(blobs: Blobs): Promise<void> {
  for (const id of (await blobs.children(RUNS)).filter((name) => jobIdSchema.safeParse(name).success)) {
    const names = await blobs.children(runKey(id));
    if (names.length > 0 && !names.includes('state') && !names.includes('run.json')) await markUnfinished(blobs, { id, retries: 0 });
  }
}

/** What is left to do when a run has ended. */
export async function seeThrough(blobs: Blobs, id: string, { claim, retries }: RunRecord): Promise<void> {
  await dropOlderClaims(blobs, id, claim);
  await unmark(blobs, { id, retries });
}

async function readIfThere(blobs: Blobs, id: string): Promise<Numbered | null> {
  try {
    return await readNewest(blobs, id);
  } catch (error) {
    if (error instanceof JobNotFound) return null;
    throw error;
  }
}
