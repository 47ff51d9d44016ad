import type { Part, WeightRange } from '../../exports/model-format.ts';
import type { StoredCheckpoint } from '../../runs/stored-checkpoint.ts';

export const sizeOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + lengthOf(part), 0);

const lengthOf = (part: Part): number => (part instanceof Uint8Array ? part.length : part.end - part.start);

/** The bytes of a range of the file that the parts make, chunk by chunk. Throws CheckpointDamaged. */
export async function* readParts(
  parts: readonly Part[],
  { start, end }: WeightRange,
  { stream }: Pick<StoredCheckpoint, 'stream'>,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for (const part of parts) {
    const from = Math.max(0, start - at);
    const to = Math.min(lengthOf(part), end - at);
    if (from < to && part instanceof Uint8Array) yield part.subarray(from, to);
    else if (from < to)
      yield* (await stream({ start: (part as WeightRange).start + from, end: (part as WeightRange).start + to })) as AsyncIterable<Buffer>;
    at += lengthOf(part);
  }
}
