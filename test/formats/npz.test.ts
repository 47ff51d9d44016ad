import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DatasetCorrupt } from '../../src/contract/errors.ts';
import { readNpz } from '../../src/formats/npz.ts';
import { GOLDEN } from '../golden.ts';
import { bytesOf, changed, directoryEntry, endRecord, localHeader, npy, zip } from './archive.ts';

const data = Float32Array.from({ length: 40 }, (_, index) => index % 7);
const array = npy('<f4', '40,', bytesOf(data));
const packed = zip({ 'x.npy': array });
const stored = zip({ 'x.npy': [array, { level: 0 }] });

it('reads packed and stored members', async () => {
  for (const archive of [packed, stored]) {
    const npz = await readNpz(archive, 'data.npz');
    expect(npz.names).toEqual(['x']);
    expect(npz.numbers('x')).toEqual({ kind: 'numeric', shape: [40], data });
  }
});

it('reads what numpy wrote', async () => {
  const npz = await readNpz(await readFile(join(GOLDEN, 'imdb-split.npz')), 'imdb-split.npz');
  expect(npz.numbers('train_head').shape).toEqual([64, 100]);
  expect(npz.numbers('val_y').data.slice(0, 4)).toEqual(Uint8Array.of(0, 1, 0, 1));
});

it('names the member that is missing or of the other kind', async () => {
  const npz = await readNpz(packed, 'data.npz');
  expect(() => npz.numbers('y')).toThrow('data.npz: expected a member y.npy among x');
  expect(() => npz.lists('x')).toThrow('data.npz: x.npy: expected an array of kind object, not numeric');
});

it('refuses a file that is cut off anywhere', async () => {
  for (let length = 0; length < packed.length; length++) {
    await expect(readNpz(packed.subarray(0, length), 'data.npz'), `the first ${length} bytes`).rejects.toThrow(DatasetCorrupt);
  }
});

it.each([
  ['packed', packed],
  ['stored', stored],
])('never reads other numbers from a %s file in which one bit is wrong', async (_, archive) => {
  let refused = 0;
  for (let bit = 0; bit < archive.length * 8; bit++) {
    const flipped = changed(archive, (copy) => {
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    });
    try {
      expect((await readNpz(flipped, 'data.npz')).numbers('x')).toEqual({ kind: 'numeric', shape: [40], data });
    } catch (error) {
      expect(error, `bit ${bit}`).toBeInstanceOf(DatasetCorrupt);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(array.length);
});

const inDirectory = (archive: Buffer, offset: number, value: number, write: 'writeUInt16LE' | 'writeUInt32LE' = 'writeUInt32LE') =>
  changed(archive, (copy) => copy[write](value, directoryEntry(copy) + offset));
const twice = zip({ 'a.npy': array, 'b.npy': array });
const bomb = zip({ 'x.npy': npy('|u1', `${2 ** 29},`, new Uint8Array(1000)) });

it.each<[string, Buffer, RegExp]>([
  ['no archive at all', Buffer.from('<html>404</html>'.repeat(10)), /it has no end record/],
  ['bytes after the archive', Buffer.concat([packed, Buffer.from('\n')]), /it has no end record/],
  ['an archive in parts', changed(packed, (copy) => copy.writeUInt16LE(1, endRecord(copy) + 4)), /zip archive in one part/],
  ['a directory that is elsewhere', changed(packed, (copy) => copy.writeUInt32LE(3, endRecord(copy) + 16)), /zip directory to end at byte/],
  [
    'a directory with too few entries',
    changed(packed, (copy) => copy.fill(0, endRecord(copy) + 8, endRecord(copy) + 12)),
    /more than its 0 entries/,
  ],
  ['an encrypted member', inDirectory(packed, 8, 1, 'writeUInt16LE'), /expected no encryption/],
  ['another compression', inDirectory(packed, 10, 12, 'writeUInt16LE'), /x\.npy: expected zip method 0 or 8, not 12/],
  ['a name that leaves the folder', zip({ '../x.npy': array }), /\.\.\/x\.npy: expected a plain member name/],
  ['an absolute name', zip({ '/etc/x.npy': array }), /expected a plain member name/],
  ['a Windows path', zip({ 'C:\\x.npy': array }), /expected a plain member name/],
  ['a member that is no array', zip({ 'x.py': array }), /x\.py: expected only members that end in \.npy/],
  ['a sum that is wrong', inDirectory(packed, 16, 7), /x\.npy: expected CRC-32 00000007, but its content has [0-9a-f]{8}/],
  [
    'a size that only the directory says',
    inDirectory(packed, 24, 9),
    /x\.npy: the directory says \d+ bytes for 9, the local header \d+ for \d+/,
  ],
  [
    'a name that only the directory says',
    changed(packed, (copy) => copy.write('y', localHeader + 30)),
    /the local header calls it "y\.npy"/,
  ],
  ['a member outside the file', inDirectory(packed, 42, 2 ** 31), /x\.npy: expected a local header at byte 2147483648/],
  [
    'members that lie on each other',
    changed(twice, (copy) => copy.writeUInt32LE(0, directoryEntry(copy) + 51 + 42)),
    /expected it to start after byte/,
  ],
  [
    'one name twice',
    changed(twice, (copy) =>
      copy.fill('a', copy.indexOf('b.npy'), copy.indexOf('b.npy') + 1).fill('a', copy.lastIndexOf('b.npy'), copy.lastIndexOf('b.npy') + 1),
    ),
    /a\.npy: expected one member of this name/,
  ],
  ['a bomb that says so', inDirectory(bomb, 24, 2 ** 29), /expected at most 268435456 bytes when unpacked, not 536870912/],
  [
    'a bomb that lies about its size',
    changed(inDirectory(bomb, 24, 100), (copy) => copy.writeUInt32LE(100, localHeader + 22)),
    /x\.npy: expected a deflate stream of 100 bytes/,
  ],
  [
    'a stream that ends early',
    changed(inDirectory(packed, 24, 5000), (copy) => copy.writeUInt32LE(5000, localHeader + 22)),
    /x\.npy: expected 5000 bytes, not \d+/,
  ],
  ['an array whose shape lies', zip({ 'x.npy': npy('<f4', '1000000000,', new Uint8Array(4)) }), /data\.npz: x\.npy: shape \(1000000000\)/],
])('refuses %s', async (_, archive, message) => {
  const read = readNpz(archive, 'data.npz');
  await expect(read).rejects.toThrow(DatasetCorrupt);
  await expect(read).rejects.toThrow(message);
  await expect(read).rejects.toThrow(/^data\.npz: /);
});
