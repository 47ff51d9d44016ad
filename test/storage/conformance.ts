import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BlobMissing } from '../../src/storage/storage.ts';
import { another, type Place, said } from './another.ts';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const LARGE = 20_000_000;

const uniform = (bytes: Buffer | null): boolean => bytes !== null && bytes.equals(Buffer.alloc(bytes.length, bytes[0]));
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index).padStart(4, '0'));

/** What every back end must hold; `open` makes an empty store for one test. */
export function storageConformance(name: string, open: () => Promise<Place>): void {
  describe(`${name}: blobs`, () => {
    whatIsPut(open);
    ranges(open);
    names(open);
    removing(open);
    manyAtOnce(open);
    killed(open);
    hostile(open);
  });
}

function whatIsPut(open: () => Promise<Place>): void {
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

function ranges(open: () => Promise<Place>): void {
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
    }
  });
}

function names(open: () => Promise<Place>): void {
  test('children are the names one level below, each once, rising, blobs and prefixes alike, from after one on', async () => {
    const { blobs } = await open();
    for (const key of ['runs/b', 'runs/a/x', 'runs/a/y/z', 'runs/B', 'runs/10', 'runs/9', 'runsides/c', 'other']) await blobs.put(key, key);
    expect(await blobs.children('runs')).toEqual(['10', '9', 'B', 'a', 'b']);
    expect(await blobs.children('runs/a')).toEqual(['x', 'y']);
    expect(await blobs.children('')).toEqual(['other', 'runs', 'runsides']);
    expect(await blobs.children('runs', '9')).toEqual(['B', 'a', 'b']);
    expect(await blobs.children('runs', 'C')).toEqual(['a', 'b']);
    expect(await blobs.children('runs', 'b')).toEqual([]);
    expect(await blobs.children('', 'other')).toEqual(['runs', 'runsides']);
  });

  test('a thousand are seen as soon as they are put, and paged through', async () => {
    const { blobs } = await open();
    const all = numbers(1000);
    for (let at = 0; at < 1000; at += 100) {
      await Promise.all(all.slice(at, at + 100).map((name) => blobs.putIfAbsent(`many/${name}`, name)));
      expect(await blobs.children('many')).toEqual(all.slice(0, at + 100));
    }
    expect(await blobs.children('many', '0899')).toEqual(all.slice(900));
  });
}

function removing(open: () => Promise<Place>): void {
  test('what is removed is gone, what is not there is no error, and what is empty is not shown', async () => {
    const { blobs } = await open();
    for (const key of ['runs/a/x/1', 'runs/a/x/2', 'runs/b/y/1']) await blobs.put(key, key);
    await blobs.remove(['runs/a/x/1', 'runs/a/x/3', 'runs/none', 'none/at/all', 'runs/a', 'runs/b/y/1/z']);
    expect(await blobs.children('runs/a/x')).toEqual(['2']);
    await blobs.remove(['runs/a/x/2', 'runs/a/x/2']);
    await blobs.remove([]);
    expect(await blobs.children('runs')).toEqual(['b']);
    expect(String(await blobs.get('runs/b/y/1'))).toBe('runs/b/y/1');
  });

  test('everything below a prefix is removed, and nothing beside it', async () => {
    const { blobs } = await open();
    const deep = numbers(300).map((name, index) => `runs/a/${'d/'.repeat(index % 5)}${name}`);
    await Promise.all([...deep, 'runs/ab', 'runs/a.b/c', 'run', 'runs/b/a/1'].map((key) => blobs.put(key, key)));
    await blobs.removeAll('runs/a');
    await blobs.removeAll('runs/a');
    await blobs.removeAll('none/at/all');
    await blobs.removeAll('run');
    expect([await blobs.children('runs'), await blobs.children('')]).toEqual([
      ['a.b', 'ab', 'b'],
      ['run', 'runs'],
    ]);
    expect(await Promise.all(deep.slice(0, 10).map((key) => blobs.get(key)))).toEqual(Array(10).fill(null));
    await blobs.put('runs/a/d/again', 'again');
    expect(await blobs.children('runs/a/d')).toEqual(['again']);
  });

  test.each(['remove', 'removeAll'] as const)(
    '%s disturbs nobody who puts at the same place: each blob is there, or was removed',
    async (how) => {
      const { blobs } = await open();
      const keys = numbers(40).map((name) => `runs/a/b/${name}`);
      const removal = async (): Promise<void> => {
        for (let i = 0; i < 60; i++) await (how === 'remove' ? blobs.remove(keys) : blobs.removeAll(i % 2 ? 'runs/a' : 'runs/a/b'));
      };
      const writer = async (put: 'put' | 'putIfAbsent', mine: readonly string[]): Promise<void> => {
        for (const key of mine) await blobs[put](key, [key, key]);
      };
      await Promise.all([removal(), removal(), writer('put', keys.slice(0, 20)), writer('putIfAbsent', keys.slice(20))]);
      for (const name of await blobs.children('runs/a/b')) {
        const key = `runs/a/b/${name}`;
        expect(String(await blobs.get(key))).toBe(`${key}${key}`);
      }
      await Promise.all(keys.map((key) => blobs.put(key, 'again')));
      expect(await blobs.children('runs/a/b')).toHaveLength(40);
    },
  );
}

function manyAtOnce(open: () => Promise<Place>): void {
  test('8 processes count to 200 with 25 steps each, and no step is lost', async () => {
    const place = await open();
    await Promise.all(Array.from({ length: 8 }, () => said(another(place, 'count', ['counter', 25]))));
    const steps = await place.blobs.children('counter');
    expect(steps).toHaveLength(200);
    expect(await Promise.all(steps.map(async (step) => Number(await place.blobs.get(`counter/${step}`))))).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
  });

  test('of 8 processes that want the same keys exactly one gets each, and it is the one whose bytes are there', async () => {
    const place = await open();
    const racers = Array.from({ length: 8 }, () => another(place, 'race', ['race', 25]));
    const won = await Promise.all(racers.map(async (racer) => ({ pid: racer.pid, keys: (await said(racer))[0] as number[] })));
    expect(won.flatMap(({ keys }) => keys).sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    for (const { pid, keys } of won)
      for (const key of keys) expect(String(await place.blobs.get(`race/${String(key).padStart(6, '0')}`))).toBe(String(pid));
  });

  test('of 50 callers in one process exactly one creates it', async () => {
    const { blobs } = await open();
    const won = await Promise.all(Array.from({ length: 50 }, (_, index) => blobs.putIfAbsent('a/new/place', `${index}`)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(String(await blobs.get('a/new/place'))).toBe(String(won.indexOf(true)));
  });

  test('who reads while it is replaced sees one whole or the other', async () => {
    const place = await open();
    const writer = another(place, 'replace', ['a/b', 400_000]);
    await once(writer.stdout!, 'data');
    const seen = new Set<number>();
    for (let reads = 0; reads < 40 || seen.size < 3; reads++) {
      const whole = await place.blobs.get('a/b');
      const streamed = await buffer(await place.blobs.stream('a/b'));
      for (const bytes of [whole, streamed]) expect([bytes?.length, uniform(bytes)]).toEqual([400_000, true]);
      expect(await place.blobs.size('a/b')).toBe(400_000);
      expect(await place.blobs.children('a')).toEqual(['b']);
      seen.add(streamed[0] ?? -1);
    }
  });
}

function killed(open: () => Promise<Place>): void {
  test('who is killed in the middle of put leaves the blob whole, as it was or as it was to be, and the next put works', async () => {
    const place = await open();
    const { blobs } = place;
    for (let kills = 0; kills < 4; kills++) {
      const writer = another(place, 'replace', ['a/b', 2_000_000]);
      await once(writer.stdout!, 'data');
      await sleep(Math.random() * 20);
      writer.kill('SIGKILL');
      await once(writer, 'close');
      const bytes = await blobs.get('a/b');
      expect([bytes?.length, uniform(bytes)]).toEqual([2_000_000, true]);
      expect([await blobs.children(''), await blobs.children('a')]).toEqual([['a'], ['b']]);
    }
    await blobs.put('a/b', 'next');
    expect(String(await blobs.get('a/b'))).toBe('next');
  });

  test('who is killed in the middle of putIfAbsent leaves all or nothing, and whoever comes next can have the key', async () => {
    const place = await open();
    const { blobs } = place;
    for (let kills = 0; kills < 4; kills++) {
      const prefix = `killed/${kills}`;
      const writer = another(place, 'create', [prefix, 2_000_000]);
      const lines: string[] = [];
      writer.stdout!.on('data', (chunk: Buffer) => lines.push(...String(chunk).trim().split('\n')));
      await once(writer.stdout!, 'data');
      await sleep(Math.random() * 20);
      writer.kill('SIGKILL');
      await once(writer, 'close');
      const there = await blobs.children(prefix);
      expect(there.length - lines.length, 'one may be there that nobody was told of').toBeLessThanOrEqual(1);
      expect(there.map(Number)).toEqual(there.map((_, index) => index + 1));
      for (const name of there) {
        const bytes = await blobs.get(`${prefix}/${name}`);
        expect([bytes?.length, bytes?.[0], uniform(bytes)]).toEqual([2_000_000, Number(name) % 256, true]);
      }
      expect(await blobs.putIfAbsent(`${prefix}/${String(there.length + 1).padStart(6, '0')}`, 'next')).toBe(true);
    }
  });
}

const HOSTILE = [
  '',
  '.',
  '..',
  '../a',
  'a/..',
  'a/../../b',
  'a/./b',
  '/',
  '/a',
  '/etc/passwd',
  'a/',
  'a//b',
  'a\\b',
  '..\\a',
  'a\0b',
  'a\nb',
  'a b',
  'ä',
  'tmp',
  'tmp/a',
  '.hidden',
  'a/.b',
  'a.tmp',
  'a'.repeat(256),
  Array(600).fill('a').join('/'),
];

function hostile(open: () => Promise<Place>): void {
  test('a hostile key is refused by its name, whatever is asked for', async () => {
    const { blobs } = await open();
    await blobs.put('a/b', 'there');
    for (const key of HOSTILE) {
      const asked: Promise<unknown>[] = [
        blobs.put(key, 'bytes'),
        blobs.putIfAbsent(key, 'bytes'),
        blobs.get(key),
        blobs.size(key),
        blobs.stream(key),
        blobs.copy('a/b', key),
        blobs.copy(key, 'a/c'),
        blobs.remove(['a/b', key]),
        blobs.removeAll(key),
        ...(key === '' ? [] : [blobs.children(key)]),
      ];
      for (const outcome of await Promise.allSettled(asked)) {
        expect(outcome, key).toMatchObject({ status: 'rejected', reason: expect.any(RangeError) as unknown });
        expect(String((outcome as PromiseRejectedResult).reason)).toContain(`the key ${JSON.stringify(key.slice(0, 100)).slice(0, -1)}`);
      }
    }
    expect([await blobs.children(''), await blobs.children('a')]).toEqual([['a'], ['b']]);
  });

  test('a key may have parts of 255 characters, and every visible one but the two slashes', async () => {
    const { blobs } = await open();
    const visible = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => index + 33)).replace(/[/\\]/g, '');
    const keys = [`a/${'x'.repeat(255)}`, `a/x${visible}`, 'a/tmp', 'a/x..y', 'a/x.tmp.y'];
    for (const key of keys) {
      await blobs.put(key, key);
      expect(String(await blobs.get(key))).toBe(key);
    }
  });
}
