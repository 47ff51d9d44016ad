import { createHash } from 'node:crypto';
import { RunDamaged } from '../../contract/errors.ts';
import type { EpochRecord, MetricPoint } from '../../contract/history.ts';
import type { CheckpointIndex } from '../checkpoints/entry.ts';
import { parseSealed, sealed } from '../json.ts';

/*
 *   history/000000.jsonl     line 1: what the segment is; then for each epoch a line with its record and one with its points
 *   history/000001.jsonl     the last one is put anew with each epoch, by the one writer that its claim has; the others are frozen
 */

/** Epochs in a segment. */
export const SEGMENT = 64;

/** How many of `epochs` lie in segments before the last one. */
export const firstOfLastSegment = (epochs: number): number => SEGMENT * Math.floor(Math.max(0, epochs - 1) / SEGMENT);

/** One epoch of the history. */
export interface Epoch {
  readonly record: EpochRecord;
  readonly points: readonly MetricPoint[];
}

/** What is known of a history by the first line of its last segment. */
export interface SegmentHead {
  readonly version: 2;
  /** Epochs in the segments before this one, and in all. */
  readonly first: number;
  readonly epochs: number;
  /** The last epoch's record; null before the first. */
  readonly last: EpochRecord | null;
  readonly index: CheckpointIndex;
  /** Milliseconds of training over all claims, up to this epoch. */
  readonly trained_ms: number;
  /** Of the lines that follow. */
  readonly sha256: string;
}

/** A segment's two lines of an epoch; points as [step, loss], their epoch is known. */
export const encodeEpoch = ({ record, points }: Epoch): string =>
  `${JSON.stringify(record)}\n${JSON.stringify(points.map(({ step, loss }) => [step, loss]))}\n`;

/** A segment of `lines`, each made by `encodeEpoch`. */
export function encodeSegment(lines: readonly string[], head: Omit<SegmentHead, 'version' | 'sha256'>): string {
  const body = lines.join('');
  return `${sealed({ version: 2, ...head, sha256: sha256(body) })}\n${body}`;
}

/** null when the first line is not whole: then nothing of the segment counts. */
export function decodeHead(segment: Buffer): SegmentHead | null {
  const end = segment.indexOf('\n');
  if (end < 0) return null;
  const head = parseSealed(segment.toString('utf8', 0, end)) as SegmentHead | null;
  return head?.version === 2 ? head : null;
}

/** The epochs of a whole segment, one by one: the points of all of them may be many. Throws RunDamaged, naming `place`. */
export function* decodeSegment(segment: Buffer, id: string, place: string): Generator<Epoch> {
  const head = decodeHead(segment);
  let start = segment.indexOf('\n') + 1;
  const body = segment.subarray(start);
  if (head === null || sha256(body) !== head.sha256) {
    throw new RunDamaged(
      id,
      `${place}: expected ${head ? `epochs with sha256 ${head.sha256}` : 'a head'}, got ${segment.length} other bytes`,
    );
  }
  const nextLine = (): unknown => {
    const end = segment.indexOf('\n', start);
    const line = segment.toString('utf8', start, end);
    start = end + 1;
    return JSON.parse(line);
  };
  for (let epoch = head.first; epoch < head.epochs; epoch++) {
    const record = nextLine() as EpochRecord;
    const points = nextLine() as [number, number | null][];
    yield { record, points: points.map(([step, loss]) => ({ epoch: record.epoch, step, loss })) };
  }
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
