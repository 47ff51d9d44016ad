/*
 *   header, content | header, content | ... | directory
 *
 * A zip whose members are stored as they are: what stands around their contents follows from their names, sizes and sums alone.
 * It has no time, and so is the same whenever it is written. Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16
 */
export interface StoredMember {
  readonly name: string;
  /** Bytes of its content. */
  readonly size: number;
  readonly crc32: number;
}

export interface ZipLayout {
  /** What stands before the content of each member. */
  readonly headers: readonly Buffer[];
  /** What stands after that of the last one. */
  readonly directory: Buffer;
}

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
/** 2.0: the lowest that readers ask for. */
const VERSION = 20;
const NAME_IS_UTF8 = 1 << 11;
/** 1 January 1980, where the time of zips begins. */
const DATE = (1 << 5) | 1;

/** Throws RangeError when members and their headers do not end within 4 GiB, which is as far as the numbers of a plain zip go. */
export function layOutZip(members: readonly StoredMember[]): ZipLayout {
  const headers = members.map(localHeader);
  let offset = 0;
  const entries = members.map((member, index) => {
    const entry = centralEntry(member, offset);
    offset += (headers[index]?.length ?? 0) + member.size;
    return entry;
  });
  const size = entries.reduce((sum, entry) => sum + entry.length, 0);
  return { headers, directory: Buffer.concat([...entries, endRecord(members.length, size, offset)]) };
}

function localHeader(member: StoredMember): Buffer {
  const start = Buffer.alloc(4);
  start.writeUInt32LE(LOCAL_SIGNATURE);
  return Buffer.concat([start, common(member), Buffer.from(member.name)]);
}

function centralEntry(member: StoredMember, offset: number): Buffer {
  const start = Buffer.alloc(6);
  start.writeUInt32LE(CENTRAL_SIGNATURE);
  start.writeUInt16LE(VERSION, 4);
  // No comment, the first disk, no attributes.
  const end = Buffer.alloc(14);
  end.writeUInt32LE(offset, 10);
  return Buffer.concat([start, common(member), end, Buffer.from(member.name)]);
}

/** What the header of a member and its entry in the directory both say. */
function common({ name, size, crc32 }: StoredMember): Buffer {
  const bytes = Buffer.alloc(26);
  const nameSize = Buffer.byteLength(name);
  bytes.writeUInt16LE(VERSION, 0);
  bytes.writeUInt16LE(nameSize === name.length ? 0 : NAME_IS_UTF8, 2);
  // Method 0, stored, and time 0 of the day.
  bytes.writeUInt16LE(DATE, 8);
  bytes.writeUInt32LE(crc32, 10);
  bytes.writeUInt32LE(size, 14);
  bytes.writeUInt32LE(size, 18);
  bytes.writeUInt16LE(nameSize, 22);
  return bytes;
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(END_SIGNATURE);
  bytes.writeUInt16LE(count, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(size, 12);
  bytes.writeUInt32LE(offset, 16);
  return bytes;
}
