import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DatasetCorrupt, DatasetMissing, StorageFull } from '../../src/contract/errors.ts';
import { download } from '../../src/datasets/download.ts';
import type { Download } from '../../src/datasets/download-part.ts';
import { temporaryFolder } from '../folders.ts';
import { broken, content, endless, type FileServer, rest, stalled, startFileServer, status, whole } from './file-server.ts';

const sha256 = createHash('sha256').update(content).digest('hex');

let folder: string;
let server: FileServer;

beforeEach(async () => {
  folder = temporaryFolder();
  server = await startFileServer();
});

afterEach(async () => {
  await server.close();
});

/** Downloads into the folder and returns what is there then. */
async function get(changes: Partial<Download> = {}): Promise<Buffer> {
  const path = join(folder, 'cache', 'file');
  const signal = new AbortController().signal;
  await download({ url: server.url, path, sha256, maxBytes: 2 ** 20, remedy: 'do without', signal, onProgress: () => {}, ...changes });
  return readFile(path);
}

const kept = () => readdir(join(folder, 'cache'));

it('makes its folder, and reports every byte', async () => {
  const seen: number[] = [];
  const bytes = await get({
    onProgress: ({ receivedBytes, totalBytes }) => {
      expect(totalBytes).toBe(content.length);
      seen.push(receivedBytes);
    },
  });
  expect(bytes.equals(content)).toBe(true);
  expect([seen[0], seen.at(-1)]).toEqual([0, content.length]);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(await kept()).toEqual(['file']);
});

it('goes on where the connection broke', async () => {
  server.answers.push(broken(100_000), rest);
  expect((await get()).equals(content)).toBe(true);
  expect(server.asked).toEqual([null, 'bytes=100000-']);
});

it('ends with the reason of the signal, and goes on from there the next time', async () => {
  const controller = new AbortController();
  server.answers.push(stalled(50_000), rest);
  const onProgress: Download['onProgress'] = ({ receivedBytes }) => {
    if (receivedBytes === 50_000) controller.abort(new Error('cancelled by a person'));
  };
  await expect(get({ signal: controller.signal, onProgress })).rejects.toThrow('cancelled by a person');
  expect(await kept()).toEqual(['file.part']);

  const seen: number[] = [];
  expect((await get({ onProgress: ({ receivedBytes }) => seen.push(receivedBytes) })).equals(content)).toBe(true);
  expect(server.asked).toEqual([null, 'bytes=50000-']);
  expect(seen[0]).toBe(50_000);
});

it('can be cancelled while it waits for an answer', async () => {
  const controller = new AbortController();
  server.answers.push(() => controller.abort(new Error('cancelled by a person')));
  await expect(get({ signal: controller.signal })).rejects.toThrow('cancelled by a person');
});

it('starts over when the server knows no ranges', async () => {
  server.answers.push(broken(100_000), whole);
  expect((await get()).equals(content)).toBe(true);
});

it('accepts a part that was whole already', async () => {
  await mkdir(join(folder, 'cache'));
  await writeFile(join(folder, 'cache', 'file.part'), content);
  server.answers.push(rest);
  expect((await get()).equals(content)).toBe(true);
  expect(server.asked).toEqual([`bytes=${content.length}-`]);
});

it('tries again after a fault of the server', async () => {
  server.answers.push(status(503), rest);
  expect((await get()).equals(content)).toBe(true);
});

it('may run twice at the same time', async () => {
  for (const bytes of await Promise.all([get(), get()])) expect(bytes.equals(content)).toBe(true);
  expect(await kept()).toEqual(['file']);
});

it('refuses a file with another sum, names both, and keeps nothing', async () => {
  const other = '0'.repeat(64);
  const getting = get({ sha256: other });
  await expect(getting).rejects.toThrow(DatasetCorrupt);
  await expect(getting).rejects.toThrow(`${server.url}: expected sha256 ${other}, not ${sha256}`);
  expect(await kept()).toEqual([]);
});

it('stops at a body without end, and keeps nothing', async () => {
  server.answers.push(endless);
  const getting = get();
  await expect(getting).rejects.toThrow(DatasetCorrupt);
  await expect(getting).rejects.toThrow(`${server.url}: expected at most 1048576 bytes`);
  expect(await kept()).toEqual([]);
});

it('does not ask twice for what is not there', async () => {
  server.answers.push(status(404));
  const getting = get();
  await expect(getting).rejects.toThrow(DatasetMissing);
  await expect(getting).rejects.toThrow(/expected HTTP status 200.* not 404: do without/);
  expect(server.asked).toHaveLength(1);
});

it('says why the server cannot be reached, and what to do', async () => {
  await server.close();
  const getting = get();
  await expect(getting).rejects.toThrow(DatasetMissing);
  await expect(getting).rejects.toThrow(/ECONNREFUSED.*: do without/);
});

it('says so when its folder cannot be made', async () => {
  await writeFile(join(folder, 'cache'), 'a file in the place of the folder');
  const getting = get();
  await expect(getting).rejects.toThrow(DatasetMissing);
  await expect(getting).rejects.toThrow(/cannot be downloaded to .*cache\/file \((EEXIST|ENOTDIR)/);
});

const devFull = '/dev/full';
if (!existsSync(devFull)) console.warn(`skipped: a full disk while downloading. Needs ${devFull}, which Linux has.`);

it.skipIf(!existsSync(devFull))('says so when the disk is full', async () => {
  await mkdir(join(folder, 'cache'));
  await symlink(devFull, join(folder, 'cache', 'file.part'));
  const getting = get();
  await expect(getting).rejects.toThrow(StorageFull);
  await expect(getting).rejects.toThrow(/no room to write .*cache\/file.*: free some space/);
});
