import { RunDamaged } from '../../contract/errors.ts';
import type { EpochRecord } from '../../contract/history.ts';
import type { RecordedState } from '../../contract/job.ts';
import type { Blobs } from '../../storage/storage.ts';
import { type CheckpointIndex, NO_CHECKPOINTS } from '../checkpoints/entry.ts';
import { type CheckpointFiles, unlessDamaged } from '../checkpoints/files.ts';
import { checkpointName } from '../keys.ts';
import { decodeHead, decodeSegment, type Epoch, type SegmentHead } from './segments.ts';

/** How a history stands. */
export interface HistoryHead {
  readonly epochs: number;
  /** The last epoch's record; null before the first. */
  readonly last: EpochRecord | null;
  readonly index: CheckpointIndex;
  /** Milliseconds of training over all claims, up to the last epoch. */
  readonly trainedMs: number;
}

/** The history of a claim. Methods throw StorageUnavailable, and RunDamaged for what nothing can replace. */
export interface HistoryFiles {
  /** Bounded, however long the history is. */
  head(): Promise<HistoryHead>;
  records(): Promise<EpochRecord[]>;
  /** The epochs that end after optimizer step `after`, one by one; of segments before them the heads alone are read. */
  epochs(after: number): AsyncIterable<Epoch>;
}

/** Longer than a head is, unless a job has very many metrics. */
const HEAD_BYTES = 8_192;

const NOTHING: HistoryHead = { epochs: 0, last: null, index: NO_CHECKPOINTS, trainedMs: 0 };

/** Where a history lies, and what is known of it besides. */
interface Place {
  readonly blobs: Blobs;
  readonly prefix: string;
  readonly id: string;
  readonly checkpoints: CheckpointFiles;
  readonly known: Known;
}

/** What the record says of the run. */
export interface Known {
  /** Of a run that has not ended fewer may be there: a power cut took them back, or a damaged checkpoint. */
  readonly epochs: number;
  readonly state: RecordedState;
}

/**
 * That below `prefix`. What is damaged or lost of its last segment is taken from the newest checkpoint, which is written before: also
 * when it has fewer epochs than are `known`.
 */
export function historyFiles(blobs: Blobs, prefix: string, checkpoints: CheckpointFiles, id: string, known: Known): HistoryFiles {
  const place = { blobs, prefix, id, checkpoints, known };
  return {
    head: () => readHead(place),
    records: () => readRecords(place),
    epochs: (after) => readEpochs(place, after),
  };
}

async function readHead({ blobs, prefix, id, checkpoints, known }: Place): Promise<HistoryHead> {
  const name = (await namesOf({ blobs, prefix })).at(-1);
  const found = name === undefined ? null : await headOf(blobs, `${prefix}/${name}`);
  const read = found && { ...found, trainedMs: found.trained_ms };
  if (read && read.epochs >= known.epochs) return read;
  const rebuilt = await rebuiltHead(checkpoints, known);
  if (read && read.epochs >= (rebuilt?.epochs ?? 0)) return read;
  if (rebuilt) return { ...rebuilt, trainedMs: read?.trainedMs ?? 0 };
  if (name === undefined) return NOTHING;
  throw new RunDamaged(id, `${prefix}/${name}: the segment is damaged, and no checkpoint is whole that could replace it`);
}

async function readRecords(place: Place): Promise<EpochRecord[]> {
  const records: EpochRecord[] = [];
  try {
    for await (const { record } of published(place, 0)) records.push(record);
  } catch (error) {
    if (!(error instanceof RunDamaged)) throw error;
    const tail = (await place.checkpoints.newestState())?.state.tail ?? [];
    // Those of an earlier segment are nowhere else.
    if (tail[0] === undefined || tail[0].epoch > records.length + 1) throw error;
    return [...records, ...tail.filter(({ epoch }) => epoch > records.length)];
  }
  return [...records, ...(await unpublished(place, records.length)).map(({ record }) => record)];
}

async function* readEpochs(place: Place, after: number): AsyncGenerator<Epoch> {
  const known = yield* published(place, after);
  const missing = (await unpublished(place, known)).filter(({ record }) => record.step > after);
  const lost = missing.slice(0, -1).find(({ points }) => points.length === 0);
  if (lost) throw new RunDamaged(place.id, `${place.prefix}: the points of epoch ${lost.record.epoch} are lost with their segment`);
  yield* missing;
}

/** Those of the segments. Returns how many there are in all. */
async function* published(place: Place, after: number): AsyncGenerator<Epoch, number> {
  const { blobs, prefix, id } = place;
  let known = 0;
  for (const name of await namesOf(place)) {
    const key = `${prefix}/${name}`;
    const head = after > 0 ? await headOf(blobs, key) : null;
    if (head?.last && head.last.step <= after) {
      if (head.first !== known) throw gapBefore(id, key, known);
      known = head.epochs;
      continue;
    }
    const segment = await blobs.get(key);
    for (const epoch of segment === null ? [] : decodeSegment(segment, id, key)) {
      if (epoch.record.epoch !== known + 1) throw gapBefore(id, key, known);
      known = epoch.record.epoch;
      if (epoch.record.step > after) yield epoch;
    }
  }
  return known;
}

const gapBefore = (id: string, key: string, known: number): RunDamaged =>
  new RunDamaged(id, `${key}: expected the epochs after ${known}, got later ones: a segment before it is lost`);

/** Also when its segment is damaged behind it; null when it is not whole itself. */
async function headOf(blobs: Blobs, key: string): Promise<SegmentHead | null> {
  const start = await blobs.get(key, { start: 0, end: HEAD_BYTES });
  const isCut = start?.length === HEAD_BYTES && !start.includes('\n');
  const bytes = isCut ? await blobs.get(key) : start;
  return bytes && decodeHead(bytes);
}

/** Epochs of the last segment that only the newest checkpoint has, which knows the points of the last one alone. */
async function unpublished({ checkpoints, known, id, prefix }: Place, published: number): Promise<Epoch[]> {
  if (published >= known.epochs) return [];
  const state = (await checkpoints.newestState())?.state;
  const missing = state?.tail.filter(({ epoch }) => epoch > published) ?? [];
  if (missing[0] && missing[0].epoch !== published + 1)
    throw new RunDamaged(id, `${prefix}: expected epoch ${published + 1}, and no segment and no checkpoint has it`);
  return missing.map((record) => ({ record, points: state?.points.filter(({ epoch }) => epoch === record.epoch) ?? [] }));
}

const namesOf = async ({ blobs, prefix }: Pick<Place, 'blobs' | 'prefix'>): Promise<string[]> =>
  (await blobs.children(prefix)).filter((name) => name.endsWith('.jsonl'));

async function rebuiltHead(checkpoints: CheckpointFiles, { state }: Known): Promise<HistoryHead | null> {
  const newest = await checkpoints.newestState();
  if (newest === null) return null;
  const { epochs, tail, best, modelStep, step } = newest.state;
  const entry = (name: string) => unlessDamaged(() => checkpoints.entry(name));
  const latest = state === 'succeeded' && modelStep !== step ? checkpointName(modelStep, false) : newest.name;
  const index = { best: best && (await entry(checkpointName(best.step, false))), latest: await entry(latest) };
  return { epochs, last: tail.at(-1) ?? null, index, trainedMs: 0 };
}
