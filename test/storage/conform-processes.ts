import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { another, type Place, said } from './another.ts';
import { uniform } from './conform-content.ts';

export function manyAtOnce(open: () => Promise<Place>): void {
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

export function killed(open: () => Promise<Place>): void {
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
