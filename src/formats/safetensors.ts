import type { NamedArray } from '../contract/arrays.ts';

/*
 * | u64 length of the header | JSON header, padded with spaces to 8 bytes | data, little-endian |
 * Source: https://github.com/huggingface/safetensors#format
 */

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Float32 arrays as the parts of one .safetensors file: its header, and views of the arrays, which may be large. */
export function encodeSafetensors(arrays: readonly NamedArray[]): Uint8Array[] {
  let end = 0;
  const entries: Record<string, Entry> = {};
  for (const { name, shape, data } of arrays) entries[name] = { dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)] };
  const text = Buffer.from(JSON.stringify(entries));
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  text.copy(header, 8);
  return [header, ...arrays.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/** Where an array of a safetensors file lies: bytes after the header. */
export interface PlacedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** The arrays that a header (with the length before it) tells of, in its order; null for what is none. */
export function decodeSafetensorsHeader(header: Buffer): PlacedArray[] | null {
  if (header.length < 8 || header.readBigUInt64LE() !== BigInt(header.length - 8)) return null;
  try {
    const entries = JSON.parse(header.toString('utf8', 8)) as Record<string, Entry>;
    return Object.entries(entries).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => ({ name, shape, from, to }),
    );
  } catch {
    return null;
  }
}

/** The arrays of a file that `encodeSafetensors` wrote and whose sha256 was checked, as views of it where they can be. */
export function decodeSafetensors(file: Buffer): NamedArray[] {
  const start = 8 + Number(file.readBigUInt64LE());
  return (decodeSafetensorsHeader(file.subarray(0, start)) ?? []).map(({ name, shape, from, to }) => {
    const bytes = file.subarray(start + from, start + to);
    const aligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
    return { name, shape, data: new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / Float32Array.BYTES_PER_ELEMENT) };
  });
}
