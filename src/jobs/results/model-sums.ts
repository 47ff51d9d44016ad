import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CheckpointDamaged } from '../../contract/errors.ts';
import type { ModelFormat, Part } from '../../exports/model-format.ts';
import type { Plan } from '../../plan/plan.ts';
import type { StoredWeights } from '../../runs/checkpoints/files.ts';
import { readParts, readWeights, sizeOf } from './model-parts.ts';

/** What has to be known of a file before its first byte can be sent. */
export interface ModelSums {
  readonly size: number;
  readonly sha256: string;
  readonly crc32: number;
  /** Of the weights in it. */
  readonly weightsCrc32: number;
  /** sha256 of what is in it beside the weights: a later version of this program may compute that differently. */
  readonly around: string;
}

/**
 * Reads the weights twice, in bounded memory: the sum of the file covers one of the weights that stands before them.
 * Throws CheckpointDamaged, StorageUnavailable.
 */
export async function computeSums(format: ModelFormat, plan: Plan, weights: StoredWeights): Promise<ModelSums> {
  const weightsCrc32 = await checkedSum(weights);
  const parts = partsOf(format, plan, weights, weightsCrc32);
  const size = sizeOf(parts);
  const hash = createHash('sha256');
  let sum = 0;
  for await (const chunk of readParts(parts, { start: 0, end: size }, weights)) {
    hash.update(chunk);
    sum = crc32(chunk, sum);
  }
  return { size, sha256: hash.digest('hex'), crc32: sum, weightsCrc32, around: sumAround(parts) };
}

/** What the file consists of, once the sum of the weights is known. */
export const partsOf = (format: ModelFormat, plan: Plan, { arrays, size }: StoredWeights, weightsCrc32: number): readonly Part[] =>
  format.parts(plan, { arrays, bytes: size, crc32: weightsCrc32 });

/** Of the parts that are computed. */
export function sumAround(parts: readonly Part[]): string {
  const hash = createHash('sha256');
  for (const part of parts) if (part instanceof Uint8Array) hash.update(part);
  return hash.digest('hex');
}

/** The CRC-32 of weights whose sha256 is the one that was written down. Throws CheckpointDamaged. */
async function checkedSum(weights: StoredWeights): Promise<number> {
  const hash = createHash('sha256').update(weights.header);
  let sum = 0;
  for await (const chunk of readWeights(weights, 0, weights.size)) {
    hash.update(chunk);
    sum = crc32(chunk, sum);
  }
  const found = hash.digest('hex');
  if (found !== weights.sha256) throw new CheckpointDamaged(`its weights: expected sha256 ${weights.sha256}, got ${found}`);
  return sum;
}
