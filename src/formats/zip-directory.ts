import { DatasetCorrupt } from '../contract/errors.ts';

/*
 *   local header, data | local header, data | ... | central directory | end record
 *
 * The central directory is the authority; a local header that says otherwise marks a damaged or hostile file.
 * Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16
 */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Offset of the local header. */
  readonly offset: number;
}

const END_SIGNATURE = 0x06054b50;
const END_LENGTH = 22;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_LENGTH = 46;
const ENCRYPTED = 1;

/** Every entry of the archive `file`. Throws DatasetCorrupt. */
export function readZipDirectory(bytes: Buffer, file: string): ZipEntry[] {
  const end = findEnd(bytes, file);
  const count = bytes.readUInt16LE(end + 10);
  const size = bytes.readUInt32LE(end + 12);
  const start = bytes.readUInt32LE(end + 16);
  if (bytes.readUInt32LE(end + 4) !== 0 || bytes.readUInt16LE(end + 8) !== count) {
    throw new DatasetCorrupt(`${file}: expected a zip archive in one part`);
  }
  if (start + size !== end) {
    throw new DatasetCorrupt(`${file}: expected the zip directory to end at byte ${end}, where its end record is, not at ${start + size}`);
  }
  const entries: ZipEntry[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const { entry, next } = readEntry(bytes, at, end, `${file}: zip entry ${index + 1} of ${count}`);
    entries.push(entry);
    at = next;
  }
  if (at !== end) throw new DatasetCorrupt(`${file}: the zip directory has ${end - at} bytes more than its ${count} entries`);
  return entries;
}

function findEnd(bytes: Buffer, file: string): number {
  for (let at = bytes.length - END_LENGTH; at >= Math.max(0, bytes.length - END_LENGTH - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === END_SIGNATURE && at + END_LENGTH + bytes.readUInt16LE(at + 20) === bytes.length) return at;
  }
  throw new DatasetCorrupt(`${file}: expected a zip archive, but it has no end record: it is truncated or not an .npz file`);
}

function readEntry(bytes: Buffer, at: number, end: number, place: string): { entry: ZipEntry; next: number } {
  if (at + CENTRAL_LENGTH > end || bytes.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
    throw new DatasetCorrupt(`${place}: expected a directory entry at byte ${at}`);
  }
  const nameEnd = at + CENTRAL_LENGTH + bytes.readUInt16LE(at + 28);
  const next = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  if (next > end) throw new DatasetCorrupt(`${place}: expected it to end by byte ${end}, not ${next}`);
  if (bytes.readUInt16LE(at + 8) & ENCRYPTED) throw new DatasetCorrupt(`${place}: expected no encryption`);
  const entry = {
    name: bytes.toString('utf8', at + CENTRAL_LENGTH, nameEnd),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packedSize: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    offset: bytes.readUInt32LE(at + 42),
  };
  return { entry, next };
}
