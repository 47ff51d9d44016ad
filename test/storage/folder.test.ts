import { once } from 'node:events';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StorageFull, StorageUnavailable } from '../../src/contract/errors.ts';
import type { Blobs } from '../../src/storage/storage.ts';
import { fill, mount, unmount, whyNoDisk } from '../disks/small-disk.ts';
import { temporaryFolder } from '../folders.ts';
import { another, said } from './another.ts';
import { storageConformance } from './conformance.ts';
import { open, openAt } from './folder-place.ts';

storageConformance('a folder', open);

const HOUR_MS = 3_600_000;

describe('a data folder', () => {
  test('is made with all that lead to it, keeps no empty folder but those at its top, and nothing of what was written', async () => {
    const { blobs, files } = await openAt(join(temporaryFolder(), 'not/there'));
    await blobs.put('runs/a/state/1', 'x');
    await blobs.putIfAbsent('runs/a/state/2', 'x');
    await blobs.copy('runs/a/state/2', 'runs/b/c/d');
    await blobs.removeAll('runs/a');
    await blobs.remove(['runs/b/c/d']);
    expect(await files()).toEqual(['runs', 'tmp']);
  });

  test('that is gone tells nothing of what was in it, and nothing is written in its place', async () => {
    const { blobs, dataDir } = await open();
    await blobs.put('runs/a', 'x');
    await rename(dataDir, `${dataDir}.away`);
    try {
      for (const work of everything(blobs)) await expect(work()).rejects.toThrow(StorageUnavailable);
      await mkdir(dataDir);
      for (const work of writes(blobs)) await expect(work()).rejects.toThrow(`${dataDir} is empty: is the data folder mounted there?`);
      expect(await readdir(dataDir)).toEqual([]);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
      await rename(`${dataDir}.away`, dataDir);
    }
    expect(String(await blobs.get('runs/a'))).toBe('x');
    await blobs.put('runs/a', 'y');
  });

  test('that was mounted since, and never had temporaries, is written to', async () => {
    const { blobs, dataDir } = await open();
    await rm(join(dataDir, 'tmp'), { recursive: true });
    await mkdir(join(dataDir, 'runs'));
    for (const work of writes(blobs)) await work();
    expect(await blobs.children('runs')).toEqual(['b', 'c', 'd']);
  });

  test('is for its user alone, where the process says so', async () => {
    const place = await openAt(join(temporaryFolder(), 'data'));
    await rm(place.dataDir, { recursive: true });
    const child = another(
      place,
      'call',
      [
        ['put', 'a/b', 'x'],
        ['putIfAbsent', 'a/c', 'x'],
        ['copy', 'a/b', 'd/e'],
      ],
      { UMASK: '077' },
    );
    expect(await said(child)).toEqual([null, true, null]);
    const modes = (await place.files()).map(async (name) => (await stat(join(place.dataDir, name))).mode & 0o077);
    expect([(await stat(place.dataDir)).mode & 0o077, ...(await Promise.all(modes))]).toEqual(Array(7).fill(0));
  });
});

describe('what is left when a process is killed', () => {
  test('is seen by nobody, and swept when nobody has written to it for an hour', async () => {
    const place = await open();
    for (const task of ['replace', 'create']) {
      const writer = another(place, task, ['a', 64_000_000]);
      while ((await readdir(join(place.dataDir, 'tmp'))).length < (task === 'create' ? 2 : 1)) await sleep(1);
      writer.kill('SIGKILL');
      await once(writer, 'close');
    }
    const left = await readdir(join(place.dataDir, 'tmp'));
    expect(left).toEqual([expect.stringMatching(/^\d+-\w{12}$/), expect.stringMatching(/^\d+-\w{12}$/)]);
    await mkdir(join(place.dataDir, 'tmp', 'removed/half'), { recursive: true });
    expect(await place.blobs.children('')).toEqual([]);
    expect(await place.blobs.sweep()).toBe(0);
    expect(await place.blobs.sweep(Date.now() + HOUR_MS / 2)).toBe(0);
    const long = new Date(Date.now() - 2 * HOUR_MS);
    await utimes(join(place.dataDir, 'tmp', left[0] ?? ''), long, long);
    expect(await place.blobs.sweep()).toBe(1);
    expect(await place.blobs.sweep(Date.now() + 2 * HOUR_MS)).toBe(2);
    expect(await place.files()).toEqual(['tmp']);
  });

  test('also by version 0.1.0, which left it beside its files; nothing else is touched', async () => {
    const { blobs, dataDir, files } = await open();
    const left = [
      'identity.json.1.0.tmp',
      '.ready-01ARZ3.tmp',
      'runs/.job_A.tmp/spec.json',
      'runs/.job_B.removed/state/1',
      'idempotency/x.7.2.tmp',
    ];
    const kept = ['identity.json', '.mine.tmp', 'notes.tmp', 'runs/job_A/run.json', 'runs/job_A/state.7.2.tmp/x', 'sockets/.redis.tmp'];
    for (const name of [...left, ...kept]) {
      await mkdir(join(dataDir, name, '..'), { recursive: true });
      await writeFile(join(dataDir, name), '');
    }
    const before = await files();
    expect(await blobs.sweep()).toBe(0);
    expect(await files()).toEqual(before);
    expect(await blobs.sweep(Date.now() + 2 * HOUR_MS)).toBe(left.length);
    expect((await files()).filter((name) => [...left, ...kept].includes(name))).toEqual([...kept].sort());
  });

  test('is written once more by a process that slept until it was swept', async () => {
    const { blobs, dataDir } = await open();
    const large = Buffer.alloc(30_000_000, 7);
    for (const put of ['put', 'putIfAbsent'] as const) {
      const writing = blobs[put](`a/${put}`, [large, 'end']);
      let swept = 0;
      const sweeping = (async () => {
        while (swept === 0) swept = await blobs.sweep(Date.now() + 2 * HOUR_MS);
      })();
      await Promise.all([writing, sweeping]);
      expect(await blobs.size(`a/${put}`)).toBe(large.length + 3);
      expect((await blobs.get(`a/${put}`, { start: large.length, end: large.length + 3 }))?.toString()).toBe('end');
    }
    expect(await readdir(join(dataDir, 'tmp'))).toEqual([]);
  });
});

const noDisk = whyNoDisk();
if (noDisk) console.warn(`SKIPPED: blobs on a full disk: ${noDisk}`);

describe.skipIf(noDisk)('a full disk', () => {
  let disk: string;
  beforeAll(() => {
    disk = mount('4m');
  });
  afterAll(() => unmount(disk));

  test('refuses what does not fit under its name, keeps what there was, and is emptied by removing', async () => {
    const { blobs, files } = await openAt(disk);
    await blobs.put('runs/a/1', 'before');
    await blobs.put('runs/b/1', Buffer.alloc(1_000_000));
    const filler = await fill(disk, 8192);
    const before = await files();
    await expect(blobs.put('runs/a/1', Buffer.alloc(100_000))).rejects.toThrow(StorageFull);
    await expect(blobs.putIfAbsent('runs/c/d/e', Buffer.alloc(100_000))).rejects.toThrow(StorageFull);
    expect(await files()).toEqual(before);
    expect(String(await blobs.get('runs/a/1'))).toBe('before');
    await fill(disk, 0);
    await blobs.removeAll('runs/b');
    expect(await blobs.children('runs')).toEqual(['a']);
    await blobs.put('runs/c/d/e', Buffer.alloc(100_000));
    await rm(filler);
  });
});

const writes = (blobs: Blobs): (() => Promise<unknown>)[] => [
  () => blobs.put('runs/b', 'x'),
  () => blobs.putIfAbsent('runs/c', 'x'),
  () => blobs.put('runs/d/e', 'x'),
];

const everything = (blobs: Blobs): (() => Promise<unknown>)[] => [
  ...writes(blobs),
  () => blobs.get('runs/a'),
  () => blobs.size('runs/a'),
  () => blobs.stream('runs/a'),
  () => blobs.children('runs'),
  () => blobs.children(''),
  () => blobs.copy('runs/a', 'runs/b'),
  () => blobs.remove(['runs/a']),
  () => blobs.removeAll('runs'),
];
