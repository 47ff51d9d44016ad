import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { DatasetCorrupt } from '../contract/errors.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;
const CHUNK = 1 << 20;

/**
 * The members of a zip archive by name, unpacked. Throws DatasetCorrupt: for damage (sums are checked), for headers that
 * contradict each other, for names that could leave a folder, and for more than `maxBytes` in all, before unpacking any.
 */
export async function unzip(bytes: Buffer, file: string, maxBytes: number): Promise<Map<string, Buffer>> {
  const entries = readZipDirectory(bytes, file);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > maxBytes) throw new DatasetCorrupt(`${file}: expected at most ${maxBytes} bytes when unpacked, not ${total}`);
  const packed = locate(bytes, entries, file);
  return new Map(await Promise.all(packed.map(async ({ entry, data }) => [entry.name, await unpack(entry, data, file)] as const)));
}

interface PackedEntry {
  readonly entry: ZipEntry;
  readonly data: Buffer;
}

/** Members in the order of their place, each after the end of the one before: overlaps are how small bombs are built. */
function locate(bytes: Buffer, entries: readonly ZipEntry[], file: string): PackedEntry[] {
  const seen = new Set<string>();
  let free = 0;
  return entries
    .toSorted((a, b) => a.offset - b.offset)
    .map((entry) => {
      const place = `${file}: ${entry.name}`;
      checkName(entry.name, place);
      if (seen.has(entry.name)) throw new DatasetCorrupt(`${place}: expected one member of this name`);
      seen.add(entry.name);
      if (entry.offset < free) throw new DatasetCorrupt(`${place}: expected it to start after byte ${free}, not at ${entry.offset}`);
      const start = dataStart(bytes, entry, place);
      free = start + entry.packedSize;
      if (free > bytes.length) throw new DatasetCorrupt(`${place}: expected it to end within ${bytes.length} bytes, not at ${free}`);
      return { entry, data: bytes.subarray(start, free) };
    });
}

function checkName(name: string, place: string): void {
  if (!/^[^/\\\0:]+$/.test(name)) throw new DatasetCorrupt(`${place}: expected a plain member name without folders`);
}

function dataStart(bytes: Buffer, entry: ZipEntry, place: string): number {
  const at = entry.offset;
  if (at + LOCAL_LENGTH > bytes.length || bytes.readUInt32LE(at) !== LOCAL_SIGNATURE) {
    throw new DatasetCorrupt(`${place}: expected a local header at byte ${at}`);
  }
  const nameEnd = at + LOCAL_LENGTH + bytes.readUInt16LE(at + 26);
  const name = bytes.toString('utf8', at + LOCAL_LENGTH, nameEnd);
  if (name !== entry.name) throw new DatasetCorrupt(`${place}: the local header calls it ${JSON.stringify(name)}`);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 28);
  checkLocalSizes(bytes, entry, bytes.subarray(nameEnd, extraEnd), place);
  return extraEnd;
}

/** Sizes are in the header, in its zip64 field (numpy always writes that), or after the data (flag bit 3: zeros here). */
function checkLocalSizes(bytes: Buffer, entry: ZipEntry, extra: Buffer, place: string): void {
  const afterData = (bytes.readUInt16LE(entry.offset + 6) & 8) !== 0;
  let packedSize = bytes.readUInt32LE(entry.offset + 18);
  let size = bytes.readUInt32LE(entry.offset + 22);
  if (size === 0xffffffff && extra.length >= 20 && extra.readUInt16LE(0) === 1) {
    size = Number(extra.readBigUInt64LE(4));
    packedSize = Number(extra.readBigUInt64LE(12));
  }
  if (afterData && size === 0 && packedSize === 0) return;
  if (size !== entry.size || packedSize !== entry.packedSize) {
    throw new DatasetCorrupt(
      `${place}: the directory says ${entry.packedSize} bytes for ${entry.size}, the local header ${packedSize} for ${size}`,
    );
  }
}

async function unpack(entry: ZipEntry, data: Buffer, file: string): Promise<Buffer> {
  const place = `${file}: ${entry.name}`;
  const content = entry.method === STORED ? data : await inflate(entry, data, place);
  if (content.length !== entry.size) throw new DatasetCorrupt(`${place}: expected ${entry.size} bytes, not ${content.length}`);
  const crc = crc32(content);
  if (crc !== entry.crc) throw new DatasetCorrupt(`${place}: expected CRC-32 ${hex(entry.crc)}, but its content has ${hex(crc)}`);
  return content;
}

async function inflate(entry: ZipEntry, data: Buffer, place: string): Promise<Buffer> {
  if (entry.method !== DEFLATED) throw new DatasetCorrupt(`${place}: expected zip method 0 or 8, not ${entry.method}`);
  const limits = { maxOutputLength: Math.max(1, entry.size), chunkSize: Math.max(64, Math.min(CHUNK, entry.size)) };
  try {
    return await promisify(inflateRaw)(data, limits);
  } catch (cause) {
    throw new DatasetCorrupt(`${place}: expected a deflate stream of ${entry.size} bytes: ${(cause as Error).message}`, { cause });
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
