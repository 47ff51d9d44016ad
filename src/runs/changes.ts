import { ulid } from 'ulid';
import type { Blobs } from '../storage/storage.ts';
import { CHANGES, LAYOUT, UNFINISHED, unfinishedKey } from './keys.ts';

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

/** Says that the run has a record of this number, for whoever keeps an index. Not waited for by a disk: a lost one is put again. */
export async function logChange(blobs: Blobs, id: string, sequence: number, now: Date): Promise<void> {
  const hour = now.toISOString().slice(0, 13).replace(/[-T]/g, '');
  await blobs.put(`${CHANGES}/${hour}/${ulid(now.getTime())}-${id}-${sequence}`, '', { durable: false });
}
