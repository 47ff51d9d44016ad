import { CheckpointDamaged, JobNotFound, RunDamaged } from '../../contract/errors.ts';
import { isTerminal } from '../../contract/job.ts';
import type { Blobs } from '../../storage/storage.ts';
import { isMarked } from '../changes.ts';
import { currentClaim } from '../claims/current.ts';
import { putHead } from '../claims/take-over.ts';
import type { ClaimView } from '../claims/view.ts';
import { claimKey, recordKey, runKey } from '../keys.ts';
import { readBirth } from '../read-birth.ts';
import { claimOf } from '../read-run.ts';
import { isGone, newestNumber, parseRecord, type RunRecord } from '../record.ts';
import type { Derive, Finding } from './finding.ts';
import { rewriteBirth, succeedRecord } from './repair.ts';
import { checkSegments } from './segments.ts';

/** What is damaged of a run; nothing for one that is gone. Reads all of it, a checkpoint at a time. Throws StorageUnavailable. */
export async function* checkRun(blobs: Blobs, id: string, derive: Derive): AsyncGenerator<Finding> {
  const sequence = await newestNumber(blobs, id);
  const { record, finding } = await checkRecord(blobs, id, sequence);
  if (record && isGone(record.state)) return;
  if (finding) yield finding;
  if (record === null) return;
  const claim = await currentClaim(blobs, id, record.claim, record);
  const provenance = (await claim?.provenance()) ?? null;
  yield* await checkBirth(blobs, id, record, provenance, derive);
  if (claim) yield* checkClaim(blobs, id, record, claim, provenance);
  else if (isTerminal(record.state) && record.epochs > 0) yield await withoutClaim(blobs, id, record);
}

/** A claim counts once its head is there, which is put last: of a run that has ended only the head may be lost. */
async function withoutClaim(blobs: Blobs, id: string, { claim, epochs }: RunRecord): Promise<Finding> {
  const where = claimKey(id, claim, 'head.json');
  const isLeft = (await blobs.children(claimKey(id, claim, 'history'))).length > 0;
  const repair = isLeft ? { how: 'it is put again', run: () => putHead(blobs, id, claim, null, []) } : null;
  return { id, where, what: `it is not there, and the run had ${epochs} epochs`, repair };
}

/** The newest record that is whole, which is what can be known of the run. */
async function checkRecord(blobs: Blobs, id: string, sequence: number): Promise<{ record: RunRecord | null; finding: Finding | null }> {
  const where = recordKey(id, Math.max(1, sequence));
  for (let number = sequence; number > 0; number--) {
    const bytes = await blobs.get(recordKey(id, number));
    const record = bytes && parseRecord(bytes);
    if (!record) continue;
    const isLast = number === sequence;
    const isWhole =
      isLast && (isGone(record.state) || isTerminal(record.state) || (await isMarked(blobs, { id, retries: record.retries })));
    if (isWhole || (!isLast && isGone(record.state))) return { record, finding: null };
    const what = isLast ? `the run is ${record.state} there, and is not: a later record is lost` : 'it is no record';
    const how = `the next record says again what number ${number} says: ${record.state}`;
    return { record, finding: { id, where, what, repair: { how, run: () => succeedRecord(blobs, id, sequence, record) } } };
  }
  return { record: null, finding: { id, where, what: 'no record is whole', repair: null } };
}

async function checkBirth(blobs: Blobs, id: string, record: RunRecord, provenance: object | null, derive: Derive): Promise<Finding[]> {
  const what = await damageOf(async () => {
    if ((await readBirth(blobs, id)) === null) throw new RunDamaged(id, 'it is not there');
  });
  if (what === null) return [];
  const repair = provenance && {
    how: 'it is made again from the provenance',
    run: () => rewriteBirth(blobs, id, record, provenance, derive),
  };
  return [{ id, where: runKey(id, 'run.json'), what, repair }];
}

async function* checkClaim(
  blobs: Blobs,
  id: string,
  record: RunRecord,
  { claim, checkpoints, history }: ClaimView,
  provenance: object | null,
): AsyncGenerator<Finding> {
  const key = (...below: string[]): string => claimKey(id, claim, ...below);
  const isOfVersion1 = (await blobs.get(key('head.json'))) === null;
  if (provenance === null && record.epochs > 0)
    yield { id, where: key(isOfVersion1 ? 'manifest.json' : 'provenance.json'), what: 'it is not there, or not whole', repair: null };
  if (!isOfVersion1) yield* checkSegments(blobs, id, record, { claim, checkpoints, history });
  const lost = await damageOf(async () => void (await (await claimOf(blobs, id, record))?.history.records()));
  if (lost !== null) yield { id, where: key('history'), what: lost, repair: null };
  const names = await checkpoints.names();
  for (const name of names) {
    const what = await damageOf(() => checkpoints.read(name, () => history.records()));
    if (what !== null) yield { id, where: key('checkpoints', name), what, repair: null };
  }
  const index = await history.head().then(
    (head) => head.index,
    () => null,
  );
  for (const step of new Set([index?.best?.step, index?.latest?.step]))
    if (step !== undefined && !names.some((name) => Number.parseInt(name, 10) === step))
      yield { id, where: key('checkpoints'), what: `the checkpoint of step ${step} is not there`, repair: null };
}

/** What is damaged of what `read` reads; null: nothing. */
async function damageOf(read: () => Promise<unknown>): Promise<string | null> {
  try {
    await read();
    return null;
  } catch (error) {
    if (error instanceof RunDamaged || error instanceof CheckpointDamaged) return error.message;
    if (error instanceof JobNotFound) return null;
    throw error;
  }
}
