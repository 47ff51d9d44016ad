import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CheckpointDamaged } from '../../contract/errors.ts';
import type { ModelFormat, Part } from '../../exports/model-format.ts';
import type { Plan } from '../../plan/plan.ts';
import type { StoredCheckpoint } from '../../runs/stored-checkpoint.ts';
import { readParts, sizeOf } from './model-parts.ts';

/** What has to be known of a file before its first byte can be sent. */
export interface ModelSums {
  readonly size: number;
  readonly sha256: string;
  readonly crc32: number;
  /** Of the weights in it. */
  readonly weightsCrc32: number;
}

/** Sums by what they are of. */
export interface SumsCache {
  /** Those that are known, or else those that `compute` finds, once for all who ask meanwhile. */
  of(key: string, compute: () => Promise<ModelSums>): Promise<ModelSums>;
}

/** Keeps the sums that were asked for last. */
export function cacheSums(most: number): SumsCache {
  const known = new Map<string, Promise<ModelSums>>();
  return {
    of(key, compute) {
      const sums = known.get(key) ?? compute();
      known.delete(key);
      known.set(key, sums);
      sums.catch(() => known.delete(key));
      for (const [oldest] of known) {
        if (known.size <= most) break;
        known.delete(oldest);
      }
      return sums;
    },
  };
}

/** Reads the weights twice, in bounded memory: the sum of the file covers one of the weights that stands before them. Throws CheckpointDamaged. */
export async function computeSums(format: ModelFormat, plan: Plan, checkpoint: StoredCheckpoint): Promise<ModelSums> {
  const weightsCrc32 = await checkedSum(checkpoint);
  const parts = partsOf(format, plan, checkpoint, weightsCrc32);
  const size = sizeOf(parts);
  const hash = createHash('sha256');
  let sum = 0;
  for await (const chunk of readParts(parts, { start: 0, end: size }, checkpoint)) {
    hash.update(chunk);
    sum = crc32(chunk, sum);
  }
  return { size, sha256: hash.digest('hex'), crc32: sum, weightsCrc32 };
}

export const partsOf = (format: ModelFormat, plan: Plan, { weights, bytes }: StoredCheckpoint, sum: number): readonly Part[] =>
  format.parts(plan, { arrays: weights, bytes, crc32: sum });

/** The CRC-32 of weights whose sha256 is the one that was written down. */
async function checkedSum(checkpoint: StoredCheckpoint): Promise<number> {
  const { head, bytes, weightsSha256 } = checkpoint;
  const hash = createHash('sha256').update(head);
  let sum = 0;
  for await (const chunk of readParts([{ start: 0, end: bytes }], { start: 0, end: bytes }, checkpoint)) {
    hash.update(chunk);
    sum = crc32(chunk, sum);
  }
  const found = hash.digest('hex');
  if (found !== weightsSha256) throw new CheckpointDamaged(`the weights: expected sha256 ${weightsSha256}, got ${found}`);
  return sum;
}
