import { z } from 'zod';

const split = {
  validation_split: z.number().gt(0).max(0.9).default(0.2).describe("The share of rows held out, as sklearn's train_test_split does it."),
  split_seed: z.int().min(0).max(0xffffffff).default(42).describe('random_state of train_test_split.'),
};

const imdb = z.strictObject({
  source: z.literal('imdb'),
  num_words: z.int().min(3).max(100_000).default(500).describe('Words ranked below stay; rarer ones become the out-of-vocabulary token 2.'),
  maxlen: z
    .int()
    .min(1)
    .max(2_500)
    .default(100)
    .describe('Tokens per review: the last ones stay, shorter reviews are padded with 0 in front.'),
  ...split,
});

const imdbMini = imdb.extend({
  source: z.literal('imdb-mini'),
  num_words: z.int().min(3).max(500).default(500),
  maxlen: z.int().min(1).max(100).default(100),
});

/** Where the rows come from. Every source yields token ids [rows, maxlen] and labels [rows]. */
export const datasetSchema = z.discriminatedUnion('source', [imdb, imdbMini]);

export type DatasetSpec = z.infer<typeof datasetSchema>;
