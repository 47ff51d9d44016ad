import { crc32 } from 'node:zlib';
import { CheckpointDamaged } from '../../contract/errors.ts';

/** The same bytes, of which the last ones come only when all of them have this CRC-32. Throws CheckpointDamaged. */
export async function* verified(bytes: AsyncIterable<Uint8Array>, expected: number): AsyncGenerator<Uint8Array, void> {
  let sum = 0;
  let held: Uint8Array | null = null;
  for await (const chunk of bytes) {
    if (held) yield held;
    sum = crc32(chunk, sum);
    held = chunk;
  }
  if (sum !== expected) throw new CheckpointDamaged(`the file that was made of it: expected CRC-32 ${expected}, got ${sum}`);
  if (held) yield held;
}
