import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DatasetMissing } from '../../../src/contract/errors.ts';
import type { LoadOptions } from '../../../src/datasets/dataset.ts';
import { findImdb } from '../../../src/datasets/imdb/imdb-file.ts';
import { temporaryFolder } from '../../folders.ts';
import { content, type FileServer, startFileServer, status } from '../file-server.ts';
import { nowhere } from '../options.ts';

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

const find = (changes: Partial<LoadOptions> = {}) => findImdb({ ...nowhere, imdbUrl: server.url, cacheDir: folder, ...changes }, sha256);

it('downloads once and then takes the cached file', async () => {
  const first = await find();
  expect(first).toMatchObject({ path: join(folder, 'imdb.npz'), sha256 });
  expect(first.bytes.equals(content)).toBe(true);
  expect(await find()).toEqual(first);
  expect(server.asked).toEqual([null]);
});

it('downloads again when the cached file was changed', async () => {
  await find();
  await writeFile(join(folder, 'imdb.npz'), 'changed');
  expect((await find()).bytes.equals(content)).toBe(true);
  expect(server.asked).toEqual([null, null]);
});

it('takes a configured file as it is, whatever its sum, and never anything else', async () => {
  const imdbPath = join(folder, 'mine.npz');
  await expect(find({ imdbPath })).rejects.toThrow(DatasetMissing);
  await writeFile(imdbPath, 'anything');
  expect((await find({ imdbPath })).bytes.toString()).toBe('anything');
  expect(server.asked).toEqual([]);
});

it('names both ways out when the file cannot be had', async () => {
  server.answers.push(status(403));
  await expect(find()).rejects.toThrow(/not 403: set EPOCHD_IMDB_PATH to a copy of imdb\.npz, or use the source "imdb-mini"/);
});
