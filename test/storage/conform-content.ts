import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { BlobMissing } from '../../src/storage/storage.ts';
import type { Place } from './another.ts';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const LARGE = 20_000_000;
export const uniform = (bytes: Buffer | null): boolean => bytes !== null && bytes.equals(Buffer.alloc(bytes.length, bytes[0]));

export function whatIsPut(open: () => Promise<Place>): void {
  test.each(['put', 'putIfAbsent'] as const)(
    '%s keeps every byte, given whole or in parts, as text or as a view of other bytes',
    async (put) => {
      const { blobs } = await open();
      const floats = new Float32Array([1, -0, Number.NaN]);
      const view = new Uint8Array(floats.buffer, 4, 8);
      const contents: [string, Parameters<typeof blobs.put>[1], Buffer][] = [
        ['nothing', '', Buffer.alloc(0)],
        ['no-parts', [], Buffer.alloc(0)],
        ['text', 'ä\u0000\r\n\u{1f600}', Buffer.from('ä\u0000\r\n\u{1f600}')],
        ['bytes', EVERY_BYTE, Buffer.from(EVERY_BYTE)],
        [
          'parts',
          ['é', EVERY_BYTE, '', new Uint8Array(), view, 'end'],
          Buffer.concat([Buffer.from('é'), EVERY_BYTE, view, Buffer.from('end')]),
        ],
      ];
      for (const [key, bytes, expected] of contents) {
        await blobs[put](`a/${key}`, bytes);
        expect(await blobs.get(`a/${key}`)).toEqual(expected);
        expect(await buffer(await blobs.stream(`a/${key}`))).toEqual(expected);
        expect(await blobs.size(`a/${key}`)).toBe(expected.length);
      }
    },
  );

  test('20 MB in parts come back as they were, as a whole and in chunks', async () => {
    const { blobs } = await open();
    const parts = Array.from({ length: 10 }, (_, index) => Buffer.alloc(LARGE / 10, index));
    await blobs.put('large', parts);
    expect(Buffer.concat(parts).equals((await blobs.get('large')) ?? Buffer.alloc(0))).toBe(true);
    const chunks: Buffer[] = [];
    for await (const chunk of await blobs.stream('large')) chunks.push(chunk as Buffer);
    expect(Buffer.concat(parts).equals(Buffer.concat(chunks))).toBe(true);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(1 << 20);
  });

  test('what is not there is null, no child, and missing to those who need it', async () => {
    const { blobs } = await open();
    await blobs.put('a/b/c', 'there');
    for (const key of ['x', 'a', 'a/b', 'a/b/d', 'a/b/c/d', 'x/y/z']) {
      expect([await blobs.get(key), await blobs.get(key, { start: 0, end: 9 }), await blobs.size(key)], key).toEqual([null, null, null]);
      await expect(blobs.stream(key), key).rejects.toThrow(BlobMissing);
      await expect(blobs.copy(key, 'to'), key).rejects.toThrow(`no blob "${key}"`);
    }
    expect([await blobs.children('x'), await blobs.children('a/b/c'), await blobs.children('x/y')]).toEqual([[], [], []]);
    expect(await blobs.children('')).toEqual(['a']);
  });

  test('put replaces, putIfAbsent does not', async () => {
    const { blobs } = await open();
    expect(await blobs.putIfAbsent('a/b', 'first')).toBe(true);
    expect(await blobs.putIfAbsent('a/b', 'second')).toBe(false);
    expect(String(await blobs.get('a/b'))).toBe('first');
    await blobs.put('a/b', 'third');
    expect(await blobs.putIfAbsent('a/b', 'fourth')).toBe(false);
    expect(String(await blobs.get('a/b'))).toBe('third');
    await blobs.remove(['a/b']);
    expect(await blobs.putIfAbsent('a/b', 'fifth')).toBe(true);
  });

  test('a copy is independent of what it was made from', async () => {
    const { blobs } = await open();
    await blobs.put('a/original', EVERY_BYTE);
    await blobs.copy('a/original', 'b/c/copy');
    await blobs.copy('a/original', 'b/c/copy');
    await blobs.copy('b/c/copy', 'b/c/copy');
    await blobs.put('a/original', 'changed');
    expect(await blobs.get('b/c/copy')).toEqual(Buffer.from(EVERY_BYTE));
    await blobs.put('b/c/copy', 'changed, too');
    expect(String(await blobs.get('a/original'))).toBe('changed');
    await blobs.copy('a/original', 'b/c/copy');
    await blobs.removeAll('a');
    expect(String(await blobs.get('b/c/copy'))).toBe('changed');
    expect(await blobs.putIfAbsent('b/c/copy', 'again')).toBe(false);
  });
}

export function ranges(open: () => Promise<Place>): void {
  test.each([
    [0, 1],
    [10, 20],
    [255, 256],
    [0, 256],
    [0, 0],
    [7, 7],
    [250, 300],
    [256, 300],
    [1000, 2000],
    [0, Number.MAX_SAFE_INTEGER],
  ])('bytes %d to %d are those of the whole, as far as it goes', async (start, end) => {
    const { blobs } = await open();
    await blobs.put('a/b', EVERY_BYTE);
    const expected = Buffer.from(EVERY_BYTE.slice(start, end));
    expect(await blobs.get('a/b', { start, end })).toEqual(expected);
    expect(await buffer(await blobs.stream('a/b', { start, end }))).toEqual(expected);
  });

  test.each([
    [-1, 2],
    [2, 1],
    [0.5, 1],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
  ])('bytes %d to %d are no range', async (start, end) => {
    const { blobs } = await open();
    await blobs.put('a/b', EVERY_BYTE);
    await expect(blobs.get('a/b', { start, end })).rejects.toThrow(RangeError);
    await expect(blobs.stream('a/b', { start, end })).rejects.toThrow(`the bytes ${start} to ${end}`);
  });

  test('what is being read is read to its end, also when it is replaced or removed meanwhile', async () => {
    const { blobs } = await open();
    await blobs.put('a/b', Buffer.alloc(LARGE, 1));
    const streams = [await blobs.stream('a/b'), await blobs.stream('a/b', { start: 5, end: LARGE - 5 })];
    await blobs.put('a/b', Buffer.alloc(LARGE, 2));
    streams.push(await blobs.stream('a/b'));
    await blobs.removeAll('a');
    const read = await Promise.all(streams.map((stream) => buffer(stream)));
    expect(read.map((bytes) => [bytes.length, bytes[0], uniform(bytes)])).toEqual([
      [LARGE, 1, true],
      [LARGE - 10, 1, true],
      [LARGE, 2, true],
    ]);
  });

  test('a stream that nobody reads can be given up', async () => {
    const { blobs } = await open();
    await blobs.put('a/b', EVERY_BYTE);
    for (let i = 0; i < 100; i++) {
      const stream = await blobs.stream('a/b');
      stream.destroy();
      await once(stream, 'close');
      expect(stream.destroyed).toBe(true);
    }
  });
}
