import { expect, it } from 'vitest';
import { datasetSchema } from '../../src/contract/dataset.ts';
import { describeDataset } from '../../src/datasets/describe.ts';

it.each(['imdb', 'imdb-mini'])('describes %s with the defaults as the seed has it', (source) => {
  expect(describeDataset(datasetSchema.parse({ source }))).toEqual({
    input: { kind: 'tokens', timesteps: 100, vocabulary: 500 },
    classes: 2,
    targetSize: 1,
    trainRows: 20_000,
    validationRows: 5_000,
  });
});

it('follows the spec', () => {
  const spec = datasetSchema.parse({ source: 'imdb', num_words: 9000, maxlen: 7, validation_split: 0.37 });
  expect(describeDataset(spec)).toMatchObject({
    input: { timesteps: 7, vocabulary: 9000 },
    trainRows: 15_750,
    validationRows: 9_250,
  });
});
