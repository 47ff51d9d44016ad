import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readNpz } from '../../../src/formats/npz.ts';
import { notBuilt } from '../../built.ts';
import { temporaryFolder } from '../../folders.ts';
import { GOLDEN } from '../../golden.ts';
import { datasetOf, loadDescribed } from '../load.ts';
import { nowhere, sharedFolder } from '../options.ts';

const mini = (values: object = {}) => loadDescribed(datasetOf({ source: 'imdb-mini', ...values }), nowhere);

it("gives the seed's recorded split", async () => {
  const golden = await readNpz(await readFile(join(GOLDEN, 'imdb-split.npz')), 'imdb-split.npz');
  const { train, validation } = await mini();
  expect([train.rows, train.inputs.length, validation.rows, validation.inputs.length]).toEqual([20_000, 2_000_000, 5_000, 500_000]);
  expect(train.inputs.slice(0, 6400)).toEqual(golden.numbers('train_head').data);
  expect(validation.inputs.slice(0, 6400)).toEqual(golden.numbers('val_head').data);
  expect(train.targets).toEqual(Float32Array.from(golden.numbers('train_y').data as Uint8Array));
  expect(validation.targets).toEqual(Float32Array.from(golden.numbers('val_y').data as Uint8Array));
});

it('stops with the reason of the signal', async () => {
  const signal = AbortSignal.abort(new Error('cancelled by a person'));
  const loading = loadDescribed(datasetOf({ source: 'imdb-mini' }), { ...nowhere, signal });
  await expect(loading).rejects.toThrow('cancelled by a person');
});

const shared = sharedFolder('comparing imdb-mini with the whole imdb.npz');
const imdbPath = join(shared ?? '', 'data', 'imdb.npz');

describe.skipIf(!shared)('compared with imdb', () => {
  it.each([
    {},
    { num_words: 499, maxlen: 99 },
    { num_words: 100, maxlen: 17, validation_split: 0.5, split_seed: 0 },
    { num_words: 3, maxlen: 1 },
  ])('gives the same rows for %o', async (values) => {
    const whole = await loadDescribed(datasetOf({ source: 'imdb', ...values }), { ...nowhere, imdbPath });
    const { train, validation } = await mini(values);
    expect(Buffer.compare(Buffer.from(train.inputs.buffer), Buffer.from(whole.train.inputs.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(validation.inputs.buffer), Buffer.from(whole.validation.inputs.buffer))).toBe(0);
    expect(train.targets).toEqual(whole.train.targets);
    expect(validation.targets).toEqual(whole.validation.targets);
  });
});

it.skipIf(!shared || notBuilt)('is what its script makes of imdb.npz, byte for byte and in any time zone', async () => {
  const output = join(temporaryFolder(), 'imdb-mini.npz');
  const env = { ...process.env, TZ: 'Asia/Seoul' };
  await promisify(execFile)(process.execPath, ['scripts/build-imdb-mini.mjs', imdbPath, output], { env });
  expect(Buffer.compare(await readFile(output), await readFile('assets/imdb-mini.npz'))).toBe(0);
});
