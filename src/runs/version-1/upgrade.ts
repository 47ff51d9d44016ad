import { JobNotFound, RunDamaged } from '../../contract/errors.ts';
import { isTerminal, jobIdSchema } from '../../contract/job.ts';
import type { Blobs } from '../../storage/storage.ts';
import { markUnfinished } from '../changes.ts';
import { LAYOUT, RUNS } from '../keys.ts';
import { isGone, readNewest } from '../record.ts';

/** Version 0.1.0 kept no markers of unfinished runs: once, they are put. */
export async function upgrade(blobs: Blobs): Promise<void> {
  if ((await blobs.size(LAYOUT)) !== null) return;
  for (const id of await blobs.children(RUNS)) if (jobIdSchema.safeParse(id).success) await mark(blobs, id);
  await blobs.putIfAbsent(LAYOUT, JSON.stringify({ version: 2 }));
}

async function mark(blobs: Blobs, id: string): Promise<void> {
  try {
    const { state, retries } = (await readNewest(blobs, id)).record;
    if (!isTerminal(state) && !isGone(state)) await markUnfinished(blobs, { id, retries });
  } catch (error) {
    // What cannot be read is shown as damaged, and never goes on by itself.
    if (!(error instanceof JobNotFound || error instanceof RunDamaged)) throw error;
  }
}
