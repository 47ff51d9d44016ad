import { JobNotFound, RunDamaged } from '../contract/errors.ts';
import { isTerminal } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { isMarked } from './changes.ts';
import { NO_CHECKPOINTS } from './checkpoints/entry.ts';
import { currentClaim } from './claims/current.ts';
import type { ClaimView } from './claims/view.ts';
import type { HistoryHead } from './history/files.ts';
import { wholeHistory } from './history/whole.ts';
import { claimKey, recordKey } from './keys.ts';
import { readBirth } from './read-birth.ts';
import { type Numbered, type RunRecord, readPresent, revisionOf } from './record.ts';
import type { DamagedRun, Run } from './run.ts';

const NO_HISTORY: HistoryHead = { epochs: 0, last: null, index: NO_CHECKPOINTS, trainedMs: 0 };

/** Throws JobNotFound, RunDamaged. */
export async function readRun(blobs: Blobs, id: string): Promise<Run> {
  const { record } = await readFound(blobs, id);
  const [birth, claim] = await Promise.all([readBirth(blobs, id), claimOf(blobs, id, record)]);
  if (birth === null) throw await withoutBirth(blobs, id);
  const { epochs, last, index, trainedMs } = claim === null ? NO_HISTORY : await claim.history.head();
  return {
    id,
    birth,
    spec: birth.spec,
    record,
    revision: revisionOf(record, epochs),
    epochs,
    last,
    checkpoints: index,
    trainedMs: Math.max(trainedMs, record.trained_ms ?? 0),
  };
}

/** As `readRun`, and of a damaged run what can be read. Throws JobNotFound. */
export async function findRun(blobs: Blobs, id: string): Promise<Run | DamagedRun> {
  try {
    return await readRun(blobs, id);
  } catch (damage) {
    if (!(damage instanceof RunDamaged)) throw damage;
    const birth = await unlessDamaged(() => readBirth(blobs, id));
    const record = await unlessDamaged(async () => (await readPresent(blobs, id)).record);
    return { id, birth, record, damage };
  }
}

/** The record that holds. Throws JobNotFound, and RunDamaged also when it is not the last one that there was. */
async function readFound(blobs: Blobs, id: string): Promise<Numbered> {
  const present = await readPresent(blobs, id);
  const { record, sequence } = present;
  if (isTerminal(record.state) || (await isMarked(blobs, { id, retries: record.retries }))) return present;
  const again = await readPresent(blobs, id);
  if (again.sequence !== sequence) return readFound(blobs, id);
  throw new RunDamaged(id, `${recordKey(id, sequence)}: the run is ${record.state} there, and is not: a later record is lost`);
}

/** The claim whose results are those of the run; null before the first. Throws RunDamaged. */
export async function claimOf(blobs: Blobs, id: string, record: RunRecord): Promise<ClaimView | null> {
  const { claim, epochs, state } = record;
  const view = await currentClaim(blobs, id, claim, record);
  // Only the record of a run that has ended was made when nothing could be taken back any more.
  if (!isTerminal(state)) return view;
  if (view === null && epochs > 0)
    throw new RunDamaged(id, `${claimKey(id, claim, 'head.json')}: it is not there, and the run had ${epochs} epochs`);
  return view && { ...view, history: wholeHistory(view.history, id, claimKey(id, view.claim), epochs) };
}

/** Nothing says what the run is: unless it is being removed at this moment, it is damaged. */
async function withoutBirth(blobs: Blobs, id: string): Promise<Error> {
  try {
    await readPresent(blobs, id);
  } catch (error) {
    if (error instanceof JobNotFound) return error;
    throw error;
  }
  return new RunDamaged(id, 'expected a birth certificate, run.json, and there is none');
}

async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RunDamaged) return null;
    throw error;
  }
}
