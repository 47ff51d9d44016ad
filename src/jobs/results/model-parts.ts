import type { Readable } from 'node:stream';
import { CheckpointDamaged } from '../../contract/errors.ts';
import type { Part, WeightRange } from '../../exports/model-format.ts';
import type { StoredWeights } from '../../runs/checkpoints/files.ts';
import { BlobMissing } from '../../storage/storage.ts';

export const sizeOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + lengthOf(part), 0);

const lengthOf = (part: Part): number => (part instanceof Uint8Array ? part.length : part.end - part.start);

const startOf = (part: Part): number => (part instanceof Uint8Array ? 0 : part.start);

/** The bytes of a range of the file that the parts make, chunk by chunk. Throws CheckpointDamaged, StorageUnavailable. */
export async function* readParts(
  parts: readonly Part[],
  { start, end }: WeightRange,
  weights: StoredWeights,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for (const part of parts) {
    const from = Math.max(0, start - at);
    const to = Math.min(lengthOf(part), end - at);
    if (from < to && part instanceof Uint8Array) yield part.subarray(from, to);
    else if (from < to) yield* readWeights(weights, startOf(part) + from, startOf(part) + to);
    at += lengthOf(part);
  }
}

/** Exactly the bytes of a range of the weights. Throws CheckpointDamaged, StorageUnavailable. */
export async function* readWeights(weights: StoredWeights, start: number, end: number): AsyncGenerator<Uint8Array, void> {
  let left = end - start;
  for await (const chunk of (await streamOf(weights, { start, end })) as AsyncIterable<Buffer>) {
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw new CheckpointDamaged(`its weights end ${left} bytes too soon`);
}

async function streamOf(weights: StoredWeights, range: WeightRange): Promise<Readable> {
  try {
    return await weights.stream(range);
  } catch (error) {
    if (error instanceof BlobMissing) throw new CheckpointDamaged(`${error.message}: it is not there any more`, { cause: error });
    throw error;
  }
}
