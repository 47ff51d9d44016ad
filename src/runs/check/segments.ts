import { RunDamaged } from '../../contract/errors.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { ClaimView } from '../claims/view.ts';
import type { HistoryHead } from '../history/files.ts';
import { decodeSegment, SEGMENT } from '../history/segments.ts';
import { claimKey, segmentName } from '../keys.ts';
import type { RunRecord } from '../record.ts';
import type { Finding } from './finding.ts';
import { rewriteSegment } from './repair.ts';

/** The segments of a claim's history that are not as they were written. Throws StorageUnavailable. */
export async function* checkSegments(
  blobs: Blobs,
  id: string,
  record: RunRecord,
  { claim, checkpoints, history }: Pick<ClaimView, 'claim' | 'checkpoints' | 'history'>,
): AsyncGenerator<Finding> {
  const head = await headOf(history.head());
  if (head === null) return;
  for (let first = 0; first < head.epochs; first += SEGMENT) {
    const where = claimKey(id, claim, 'history', segmentName(first / SEGMENT));
    const what = await damageOf(blobs, id, where, Math.min(SEGMENT, head.epochs - first));
    if (what === null) continue;
    const state = (await checkpoints.newestState())?.state;
    const isThere = state?.epochs === head.epochs && state.tail[0]?.epoch === first + 1;
    const points = head.epochs - first > 1 ? '; only the last epoch keeps its points' : '';
    const how = `it is written anew from the newest checkpoint${points}`;
    yield { id, where, what, repair: isThere ? { how, run: () => rewriteSegment(blobs, where, { first, head, record, state }) } : null };
  }
}

/** null when nothing is left of the history: that is found where it is read. */
async function headOf(head: Promise<HistoryHead>): Promise<HistoryHead | null> {
  try {
    return await head;
  } catch (error) {
    if (error instanceof RunDamaged) return null;
    throw error;
  }
}

async function damageOf(blobs: Blobs, id: string, key: string, epochs: number): Promise<string | null> {
  const segment = await blobs.get(key);
  if (segment === null) return 'it is not there';
  try {
    const found = [...decodeSegment(segment, id, key)].length;
    return found < epochs ? `expected ${epochs} epochs, got ${found}` : null;
  } catch (error) {
    if (error instanceof RunDamaged) return error.message;
    throw error;
  }
}
