import type { Blobs } from '../storage/storage.ts';
import { markUnfinished } from './changes.ts';
import { retry } from './lifecycle.ts';
import { type RunRecord, readPresent } from './record.ts';

/** Queues a run anew by `move`, which changes its record. Throws JobNotFound, RunDamaged, WrongState. */
export async function retryRun(blobs: Blobs, id: string, move: () => Promise<RunRecord>): Promise<RunRecord> {
  const { record } = await readPresent(blobs, id);
  if (retry(record, id) === null) return record;
  await markUnfinished(blobs, { id, retries: record.retries + 1 });
  return move();
}
