import { expect, test } from 'vitest';
import type { Place } from './another.ts';

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index).padStart(4, '0'));

export function names(open: () => Promise<Place>): void {
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

export function removing(open: () => Promise<Place>): void {
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

export function hostile(open: () => Promise<Place>): void {
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
