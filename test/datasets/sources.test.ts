import { expect, it } from 'vitest';
import { DatasetCorrupt } from '../../src/contract/errors.ts';
import { describeDataset, loadDataset } from '../../src/datasets/sources.ts';
import { seedShape } from '../contract/shapes.ts';
import { datasetOf } from './load.ts';
import { nowhere } from './options.ts';

it.each(['imdb', 'imdb-mini'] as const)('describes %s with the defaults as the seed has it', async (source) => {
  expect(await describeDataset(datasetOf({ source }))).toEqual(seedShape());
});

it('follows the spec', async () => {
  const spec = datasetOf({ source: 'imdb', num_words: 9000, maxlen: 7, validation_split: 0.37 });
  expect(await describeDataset(spec)).toMatchObject({
    input: { timesteps: 7, vocabulary: 9000 },
    trainRows: 15_750,
    validationRows: 9_250,
  });
});

it.each([
  [
    'fewer rows to train on',
    { trainRows: 19_999 },
    /training data of 20000 rows.*: expected 19999 rows, each of 100 token ids and 1 target,/,
  ],
  ['more rows to validate with', { validationRows: 5_001 }, /validation data of 5000 rows.*: expected 5001 rows/],
  [
    'longer rows',
    { input: { kind: 'tokens', timesteps: 101, vocabulary: 500 } },
    /each of 100 token ids.*: expected .* each of 101 token ids/,
  ],
  ['numbers', { input: { kind: 'numeric', timesteps: 50, features: 2 } }, /each of 100 token ids.*: expected .* each of 100 numbers/],
  ['more targets', { targetSize: 2 }, /and 1 target: expected .* and 2 targets/],
] as const)('refuses rows of another shape than was written down: %s', async (_, changes, text) => {
  const loading = loadDataset(datasetOf({ source: 'imdb-mini' }), seedShape(changes), nowhere);
  await expect(loading).rejects.toThrow(DatasetCorrupt);
  await expect(loading).rejects.toThrow(text);
});
