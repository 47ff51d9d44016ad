import { RunDamaged } from '../../contract/errors.ts';
import type { EpochRecord, MetricPoint } from '../../contract/history.ts';
import { BlobMissing, type Blobs } from '../../storage/storage.ts';
import { type CheckpointIndex, NO_CHECKPOINTS } from '../checkpoints/entry.ts';
import type { CheckpointFiles } from '../checkpoints/files.ts';
import type { HistoryFiles, HistoryHead, Known } from '../history/files.ts';
import type { Epoch } from '../history/segments.ts';
import { parseObject } from '../json.ts';

/*
 *   history.jsonl   a line for each epoch        metrics.jsonl   a line for each point
 *   checkpoints/index.json                       progress.json   among others: milliseconds of training
 */

interface Place {
  readonly blobs: Blobs;
  /** The claim's. */
  readonly prefix: string;
  readonly checkpoints: CheckpointFiles;
  readonly id: string;
  readonly known: Known;
}

/** The history below `prefix`, a claim's folder. What the newest checkpoint knows beyond it counts: lines could be lost by a power cut. */
export function historyOfVersion1(blobs: Blobs, prefix: string, checkpoints: CheckpointFiles, id: string, known: Known): HistoryFiles {
  const place = { blobs, prefix, checkpoints, id, known };
  return {
    head: () => readHead(place),
    records: () => readRecords(place),
    epochs: (after) => readEpochs(place, after),
  };
}

async function readHead(place: Place): Promise<HistoryHead> {
  const { blobs, prefix, checkpoints } = place;
  const history = await readRecords(place);
  const progress = await objectAt<{ trainedMs?: number }>(blobs, `${prefix}/progress.json`);
  const index = await objectAt<CheckpointIndex>(blobs, `${prefix}/checkpoints/index.json`);
  return {
    epochs: history.length,
    last: history.at(-1) ?? null,
    index: index ?? (await rebuiltIndex(checkpoints)),
    trainedMs: progress?.trainedMs ?? 0,
  };
}

async function readRecords({ blobs, prefix, checkpoints, known }: Place): Promise<EpochRecord[]> {
  const read: EpochRecord[] = [];
  for await (const lines of linesOf<EpochRecord>(blobs, `${prefix}/history.jsonl`)) read.push(...lines);
  // A line has no sum, a checkpoint has: of as many epochs its are the ones to trust.
  const saved = (await checkpoints.newestState())?.state.tail ?? [];
  return saved.length >= Math.min(read.length, known.epochs) ? [...saved, ...read.slice(saved.length)] : read;
}

async function* readEpochs(place: Place, after: number): AsyncGenerator<Epoch> {
  const history = await readRecords(place);
  let known = 0;
  for await (const points of pointsByEpoch(place)) {
    const record = history[(points[0]?.epoch ?? 0) - 1];
    if (!record) continue;
    const before = history[known];
    if (before && before.epoch < record.epoch) throw pointsLost(place, before);
    // The last step of an epoch is always a point; after it the file is damaged, or its process ended.
    if (points.at(-1)?.step !== record.step) break;
    known = record.epoch;
    if (record.step > after) yield { record, points };
  }
  const saved = known < history.length ? ((await place.checkpoints.newestState())?.state.points ?? []) : [];
  for (const record of history.slice(known)) {
    const points = saved.filter(({ epoch }) => epoch === record.epoch);
    if (points.length === 0) throw pointsLost(place, record);
    if (record.step > after) yield { record, points };
  }
}

const pointsLost = ({ id, prefix }: Place, { epoch }: EpochRecord): RunDamaged =>
  new RunDamaged(id, `${prefix}/metrics.jsonl: the points of epoch ${epoch} are not whole, and nothing can replace them`);

/** The points of one epoch after the other, of those epochs that have some. */
async function* pointsByEpoch({ blobs, prefix }: Place): AsyncGenerator<MetricPoint[]> {
  let points: MetricPoint[] = [];
  for await (const lines of linesOf<MetricPoint>(blobs, `${prefix}/metrics.jsonl`)) {
    for (const point of lines) {
      if (points[0] && point.epoch !== points[0].epoch) {
        yield points;
        points = [];
      }
      points.push(point);
    }
  }
  if (points.length > 0) yield points;
}

async function rebuiltIndex(checkpoints: CheckpointFiles): Promise<CheckpointIndex> {
  const newest = await checkpoints.newestState();
  if (newest === null) return NO_CHECKPOINTS;
  const { best } = newest.state;
  return { best: best && (await checkpoints.entry(String(best.step).padStart(10, '0'))), latest: await checkpoints.entry(newest.name) };
}

async function objectAt<T extends object>(blobs: Blobs, key: string): Promise<T | null> {
  const bytes = await blobs.get(key);
  return bytes && (parseObject(bytes) as T | null);
}

/** Some at a time, up to the first line that is not whole: it was being written when its process ended, or the file is damaged. */
async function* linesOf<T>(blobs: Blobs, key: string): AsyncGenerator<T[]> {
  try {
    const stream = await blobs.stream(key);
    let rest = '';
    for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      const values = lines.map(parseObject);
      const whole = values.indexOf(null);
      yield (whole < 0 ? values : values.slice(0, whole)) as T[];
      if (whole >= 0) return;
    }
  } catch (error) {
    if (!(error instanceof BlobMissing)) throw error;
  }
}
