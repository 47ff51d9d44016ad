import type { NamedArray } from '../training/engine.ts';

/*
 * | u64 length of the header | JSON header, padded with spaces to 8 bytes | data, little-endian |
 * Source: https://github.com/huggingface/safetensors#format
 */

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Float32 arrays as one .safetensors file. */
export function encodeSafetensors(arrays: readonly NamedArray[]): Uint8Array {
  let end = 0;
  const header: Record<string, Entry> = {};
  for (const { name, shape, data } of arrays) header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)] };
  const text = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const file = Buffer.alloc(8 + padded + end, ' ');
  file.writeBigUInt64LE(BigInt(padded));
  text.copy(file, 8);
  for (const { name, data } of arrays) {
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(file, 8 + padded + (header[name]?.data_offsets[0] ?? 0));
  }
  return file;
}

/** The arrays of a file that `encodeSafetensors` wrote and whose sha256 was checked. */
export function decodeSafetensors(file: Buffer): NamedArray[] {
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, Entry>;
  return Object.entries(header).map(
    ([
      name,
      {
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      const data = new Float32Array((to - from) / 4);
      new Uint8Array(data.buffer).set(file.subarray(start + from, start + to));
      return { name, shape, data };
    },
  );
}
