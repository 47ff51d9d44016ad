import { crc32 } from 'node:zlib';
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { unzip } from '../../src/formats/zip.ts';
import { layOutZip } from '../../src/formats/zip-layout.ts';

/** The archive of `contents` that the layout makes. */
function archiveOf(contents: Readonly<Record<string, Uint8Array>>): Buffer {
  const members = Object.entries(contents);
  const { headers, directory } = layOutZip(members.map(([name, bytes]) => ({ name, size: bytes.length, crc32: crc32(bytes) })));
  return Buffer.concat([...members.flatMap(([, bytes], index) => [headers[index] ?? Buffer.alloc(0), bytes]), directory]);
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 7919) % 251);

it.each([
  ['no member', {}],
  ['an empty one', { 'a.bin': bytes(0) }],
  ['two, one of them larger than a number of two bytes', { 'model.json': bytes(1_000), 'weights.bin': bytes(70_000) }],
  ['names that are not ASCII', { 'gewichte-ä.bin': bytes(10), 重み: bytes(3) }],
])('a zip that stores what it holds is, byte for byte, what fflate writes: %s', (_, contents: Record<string, Uint8Array>) => {
  expect(archiveOf(contents).equals(zipSync(contents, { level: 0, mtime: new Date(1980, 0, 1) }))).toBe(true);
});

it('is read back with its sums checked', async () => {
  const contents = { 'model.json': bytes(1_000), 'weights.bin': bytes(70_000) };
  const found = await unzip(archiveOf(contents), 'a.zip', 100_000);
  expect(Object.fromEntries([...found].map(([name, content]) => [name, Uint8Array.from(content)]))).toEqual(contents);
});

it('does not reach beyond 4 GiB', () => {
  const member = { name: 'weights.bin', size: 3 * 2 ** 30, crc32: 0 };
  expect(() => layOutZip([member])).not.toThrow();
  expect(() => layOutZip([member, { ...member, name: 'more.bin' }])).toThrow(RangeError);
  expect(() => layOutZip([{ ...member, size: 2 ** 32 }])).toThrow(RangeError);
});
