import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFolder } from '../../src/storage/folder.ts';
import type { Blobs, Sweeper } from '../../src/storage/storage.ts';
import { type Disk, openDisk, whyNoBlockDevice } from '../disks/block-device.ts';

const missing = whyNoBlockDevice();
if (missing) console.warn(`SKIPPED: blobs after a power cut: ${missing}`);

const LARGE = Buffer.alloc(1_000_000, 7);

describe.skipIf(missing)('after a power cut', () => {
  let disk: Disk;
  beforeAll(() => {
    disk = openDisk(48);
  });
  afterAll(() => disk?.remove());

  const afterCut = (name: string): Promise<Blobs & Sweeper> => openFolder(join(disk.cut(), name));

  test('what nobody flushed is gone: so the next tests can fail', async () => {
    await mkdir(join(disk.path, 'plain'));
    await writeFile(join(disk.path, 'plain', 'new'), LARGE);
    await rename(join(disk.path, 'plain', 'new'), join(disk.path, 'plain', 'file'));
    expect(await (await afterCut('plain')).get('file')).toBeNull();
  });

  test.each([
    ['put into new folders', (blobs: Blobs) => blobs.put('runs/a/b/c', LARGE)],
    ['put in place of another', (blobs: Blobs) => blobs.put('old', LARGE)],
    ['created in new folders', (blobs: Blobs) => blobs.putIfAbsent('runs/d/e/f', LARGE)],
    ['created beside another', (blobs: Blobs) => blobs.putIfAbsent('new', LARGE)],
    ['copied', (blobs: Blobs) => blobs.copy('large', 'runs/g/h')],
  ])('what was %s is there, whole, and so is what was there before', async (what, write) => {
    const name = what.replaceAll(' ', '-');
    const blobs = await openFolder(join(disk.path, name, 'data'));
    await blobs.put('old', 'old');
    await blobs.put('large', LARGE);
    await write(blobs);
    const left = await afterCut(join(name, 'data'));
    const keys = await keysOf(blobs);
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) expect((await left.get(key))?.equals((await blobs.get(key)) ?? LARGE), key).toBe(true);
  });

  test('what somebody was told to be there already is there, although its maker was told nothing yet', async () => {
    const blobs = await openFolder(join(disk.path, 'told'));
    for (const round of ['a', 'b']) {
      const asked = Array.from({ length: 8 }, (_, index) =>
        blobs.putIfAbsent(`keys/${round}`, `${index}`).then((won) => ({ won, cut: won ? null : disk.cut() })),
      );
      const { cut } = await Promise.any(
        asked.map(async (answer) => ((await answer).won ? Promise.reject(new Error('the maker')) : answer)),
      );
      await Promise.all(asked);
      expect(await (await openFolder(join(cut ?? '', 'told'))).get(`keys/${round}`)).toEqual(await blobs.get(`keys/${round}`));
    }
  });

  test('what was being written is there whole or not at all, and the next put works', async () => {
    const blobs = await openFolder(join(disk.path, 'amid'));
    const keys = Array.from({ length: 12 }, (_, index) => `runs/${index % 4}/${index}`);
    const writing = keys.map((key, index) => (index % 2 ? blobs.put(key, LARGE) : blobs.putIfAbsent(key, LARGE)));
    await Promise.race(writing);
    const left = await afterCut('amid');
    await Promise.all(writing);
    const there = await keysOf(left);
    expect(there.length).toBeGreaterThan(0);
    for (const key of there) expect((await left.get(key))?.equals(LARGE), key).toBe(true);
    for (const key of keys) await left.put(key, 'next');
    expect(await left.sweep(Date.now() + 7_200_000)).toBeGreaterThanOrEqual(0);
  });
});

async function keysOf(blobs: Blobs, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for (const name of await blobs.children(prefix)) {
    const key = prefix === '' ? name : `${prefix}/${name}`;
    keys.push(...((await blobs.size(key)) === null ? await keysOf(blobs, key) : [key]));
  }
  return keys;
}
