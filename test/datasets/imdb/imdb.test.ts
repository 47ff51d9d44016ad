import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetSpec } from '../../../src/contract/dataset.ts';
import { DatasetCorrupt, DatasetMissing } from '../../../src/contract/errors.ts';
import type { Dataset } from '../../../src/datasets/dataset.ts';
import { readReviews } from '../../../src/datasets/imdb/imdb.ts';
import { padSequences } from '../../../src/datasets/pad.ts';
import { readNpz } from '../../../src/formats/npz.ts';
import { folderOfAllTests } from '../../folders.ts';
import { bytesOf, changed, npy, zip } from '../../formats/archive.ts';
import { datasetOf, loadDescribed } from '../load.ts';
import { nowhere, sharedFolder } from '../options.ts';

const shared = sharedFolder('reading the whole imdb.npz');
const imdbPath = join(shared ?? '', 'data', 'imdb.npz');
const options = { ...nowhere, imdbPath };
const sha256 = (array: ArrayBufferView) => createHash('sha256').update(bytesOf(array)).digest('hex');
const specOf = (values: object): DatasetSpec => datasetOf({ source: 'imdb', ...values });

const folder = folderOfAllTests();

async function loadBytes(bytes: Buffer): Promise<Dataset> {
  const path = join(folder, 'imdb.npz');
  await writeFile(path, bytes);
  return loadDescribed(specOf({}), { ...options, imdbPath: path });
}

/** Recorded with Keras 3.15.1 and numpy 2.4.6: load_data, RandomState(seed).permutation as sklearn uses it, pad_sequences. */
const KERAS = [
  {
    spec: {},
    train: '4e12c078a66d10fe27ff495850d84250ebc16e06d2ba22d17b69734d753357fd',
    trainLabels: 'f5f4ed26704627b57eeaac2381a6c42ca1a6ebd041eebcbc46fe7fcd700f259b',
    validation: '46102f8a28bf24d934395ee8e330969e91af687ffa1b5ab079a296a58945410f',
    validationLabels: '651d6906b497313658a11c89e616d096f60a06ce64f1ed1e4b6759b1fff47508',
  },
  {
    spec: { num_words: 10_000, maxlen: 30, validation_split: 0.37, split_seed: 7 },
    train: '3b9862c4b4498c30cc4c5985c1cb873c87927497c9c440a08cd825cc957fcdb4',
    trainLabels: 'e7f00cd080e24438a46dd60bc36359539aebf49b863c29cf31aa1e35f29696c9',
    validation: '1dc9a5cb7c810011ae3778926e14c2e476c2b1d91006ea79131aeae42b7b2902',
    validationLabels: 'dc2956bbf28b9dc54c7392478a8c298bb7c395f1c663f72c8c019f04f6a1fee0',
  },
  {
    spec: { num_words: 3, maxlen: 1, validation_split: 0.9, split_seed: 2 ** 32 - 1 },
    train: 'adfccfecf3f33965599ed74425c1de7f14de8e7e016b95b6e6bdf54bfbd45ce2',
    trainLabels: '9b7a13ff8c05f8b062c6ebd11f1306c1ab917ef3bdbe06d53cfc26165fd131e7',
    validation: '17983ab0ca995c0cad8c7c66ad5b109882233087161a2b12b59a065aa77eeb7b',
    validationLabels: 'e2b053a32193cc60fa64077a0ee146c7b112e8286d5e2435047b141b12c46ebc',
  },
  {
    spec: { num_words: 100_000, maxlen: 2_500, validation_split: 0.001, split_seed: 0 },
    train: 'd0ac6b2d5de4a5c5b12b6dc61116610e9eee0af2872558187600d1d1cea852bd',
    trainLabels: '1e2828d833d07bc6d8edb98c333942d9cf0e9c6f8cfb302291fb1cc84225c057',
    validation: 'c000af298b49625f953ff694306e9a969baaaf5941711f18e8e7b1dc09859d21',
    validationLabels: 'ca195312801c99e922cba855a72c6c2a4360bf91dcaac0e19bd7fd20bd4bcd3d',
  },
];

describe.skipIf(!shared)('the whole imdb.npz', () => {
  it.each(KERAS)('gives the rows that Keras and sklearn give for $spec', async ({ spec, ...expected }) => {
    const dataset = await loadDescribed(specOf(spec), options);
    const { train, validation } = dataset;
    expect({
      train: sha256(train.inputs),
      trainLabels: sha256(train.targets),
      validation: sha256(validation.inputs),
      validationLabels: sha256(validation.targets),
    }).toEqual(expected);
  });

  it('gives the test part in the order of Keras', async () => {
    const { tokens, labels, order } = readReviews(await readNpz(await readFile(imdbPath), 'imdb.npz'), 'test', 500);
    expect(sha256(padSequences(tokens, order, 100))).toBe('c5c904f9044b72acd5e098429c3defe4f1f74758ba525b6e569056327b9d45a2');
    expect(sha256(Float32Array.from(order, (row) => labels[row] ?? Number.NaN))).toBe(
      '5654e9b3ea46e6f635a41fc9ba095e1d6d78d74d52b18fefca386f045fb35bf1',
    );
  });

  it('says which bytes the rows came from', async () => {
    const dataset = await loadDescribed(specOf({}), options);
    expect(dataset.sha256).toBe(sha256(await readFile(imdbPath)));
    expect(dataset.origin).toBe(`imdb from ${imdbPath}`);
  });

  it('is refused when it is cut off', async () => {
    const whole = await readFile(imdbPath);
    for (const share of [0, 0.001, 0.3, 0.5, 0.9, 0.99999]) {
      const cut = loadBytes(whole.subarray(0, Math.floor(whole.length * share)));
      await expect(cut, `the first ${share}`).rejects.toThrow(DatasetCorrupt);
      await expect(cut).rejects.toThrow(/imdb\.npz: expected a zip archive, but it has no end record: it is truncated/);
    }
  });

  it('is refused when one bit is wrong, with the name of the member', async () => {
    const whole = await readFile(imdbPath);
    for (const [at, member] of [
      [5_000_000, 'x_test'],
      [12_000_000, 'x_train'],
      [17_464_300, 'y_'],
    ] as const) {
      const flipped = loadBytes(changed(whole, (copy) => copy.writeUInt8((copy[at] ?? 0) ^ 4, at)));
      await expect(flipped, `byte ${at}`).rejects.toThrow(DatasetCorrupt);
      await expect(flipped, `byte ${at}`).rejects.toThrow(`imdb.npz: ${member}`);
    }
  });
});

/** A pickled array of `count` reviews, each of the one word `rank`. */
function reviews(count: number, rank: number): Buffer {
  const rows = Buffer.alloc(2);
  rows.writeUInt16LE(count);
  const word = Buffer.alloc(4);
  word.writeInt32LE(rank);
  return Buffer.concat([
    Buffer.from('\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01M', 'latin1'),
    rows,
    Buffer.from('\x85cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89](', 'latin1'),
    ...Array<Buffer>(count).fill(Buffer.concat([Buffer.from(']J'), word, Buffer.from('a')])),
    Buffer.from('etb.'),
  ]);
}

const N = 25_000;
const x = npy('|O', `${N},`, reviews(N, 7));
const y = npy('<i8', `${N},`, bytesOf(new BigInt64Array(N)));

it('reads a file of the same layout: start token, then words moved up by three', async () => {
  const { train, validation } = await loadBytes(zip({ 'x_train.npy': x, 'y_train.npy': y }));
  expect(train.inputs.slice(97, 100)).toEqual(Int32Array.of(0, 1, 10));
  expect(new Set(validation.targets)).toEqual(new Set([0]));
});

it.each<[string, Record<string, Buffer>, string]>([
  ['without labels', { 'x_train.npy': x }, 'imdb.npz: expected a member y_train.npy among x_train'],
  [
    'with fewer reviews',
    { 'x_train.npy': npy('|O', '3,', reviews(3, 7)), 'y_train.npy': y },
    'imdb.npz: x_train.npy: expected 25000 reviews, not 3',
  ],
  [
    'whose header says another number of reviews',
    { 'x_train.npy': npy('|O', '25001,', reviews(N, 7)), 'y_train.npy': y },
    'x_train.npy: expected 25000 lists in shape (25001)',
  ],
  [
    'with fewer labels',
    { 'x_train.npy': x, 'y_train.npy': npy('|u1', '2,', new Uint8Array(2)) },
    'y_train.npy: expected shape (25000,), not (2)',
  ],
  [
    'with a label that is none',
    { 'x_train.npy': x, 'y_train.npy': npy('|u1', `${N},`, new Uint8Array(N).fill(2, 9, 10)) },
    'y_train.npy: review 9: expected label 0 or 1, not 2',
  ],
  ['with a negative word', { 'x_train.npy': npy('|O', `${N},`, reviews(N, -4)), 'y_train.npy': y }, 'review 0: expected word ranks from 0'],
  [
    'with a word beyond 32 bits',
    { 'x_train.npy': npy('|O', `${N},`, reviews(N, 2 ** 31 - 1)), 'y_train.npy': y },
    'review 0: expected word ranks from 0',
  ],
  ['whose reviews are numbers', { 'x_train.npy': y, 'y_train.npy': y }, 'x_train.npy: expected an array of kind object, not numeric'],
])('refuses a file %s', async (_, members, message) => {
  const loading = loadBytes(zip(members));
  await expect(loading).rejects.toThrow(DatasetCorrupt);
  await expect(loading).rejects.toThrow(message);
});

it('names a configured file that is not there, and the variable that names it', async () => {
  const loading = loadDescribed(specOf({}), { ...options, imdbPath: '/nonexistent/imdb.npz' });
  await expect(loading).rejects.toThrow(DatasetMissing);
  await expect(loading).rejects.toThrow(/^\/nonexistent\/imdb\.npz: cannot be read .*ENOENT.*EPOCHD_IMDB_PATH/);
});

it('does not read a folder', async () => {
  await expect(loadDescribed(specOf({}), { ...options, imdbPath: folder })).rejects.toThrow(`${folder}: expected a file`);
});

it('stops with the reason of the signal', async () => {
  await writeFile(join(folder, 'imdb.npz'), zip({ 'x_train.npy': x, 'y_train.npy': y }));
  const signal = AbortSignal.abort(new Error('cancelled by a person'));
  await expect(loadDescribed(specOf({}), { ...options, imdbPath: join(folder, 'imdb.npz'), signal })).rejects.toThrow(
    'cancelled by a person',
  );
});
