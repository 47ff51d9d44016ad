import type { Rows, Sequences } from '../../contract/arrays.ts';
import type { DataShape } from '../../contract/data-shape.ts';
import type { DatasetSpec } from '../../contract/dataset.ts';
import type { Dataset } from '../dataset.ts';
import { randomState } from '../mt19937.ts';
import { padSequences } from '../pad.ts';
import type { SourceFile } from '../source-file.ts';
import { trainTestSplit } from '../split.ts';

/** Reviews in one part of the IMDB data set. */
export const IMDB_ROWS = 25_000;

const SHUFFLE_SEED = 113;
const OUT_OF_VOCABULARY = 2;

/** Reviews as they lie in a file, and the order in which Keras hands them out. */
export interface Reviews {
  readonly tokens: Sequences;
  /** 1 for praise, 0 for the opposite. */
  readonly labels: Float32Array;
  readonly order: Int32Array;
}

/** How many of `rows` rows sklearn's train_test_split holds out for a fractional test_size. */
export const heldOut = (rows: number, fraction: number): number => Math.ceil(fraction * rows);

/** What the training part looks like once it is split, cut and padded as `spec` says: nothing is read for that. */
export async function describeReviews(spec: DatasetSpec): Promise<DataShape> {
  const validationRows = heldOut(IMDB_ROWS, spec.validation_split);
  return {
    input: { kind: 'tokens', timesteps: spec.maxlen, vocabulary: spec.num_words },
    classes: 2,
    targetSize: 1,
    trainRows: IMDB_ROWS - validationRows,
    validationRows,
  };
}

/** The order of load_data: one generator shuffles the training part, then the test part. */
export function kerasOrder(part: 'train' | 'test'): Int32Array {
  const random = randomState(SHUFFLE_SEED);
  const train = random.permutation(IMDB_ROWS);
  return part === 'train' ? train : random.permutation(IMDB_ROWS);
}

/** Tokens that are not below `numWords` become the out-of-vocabulary token, in place. */
export function dropRareWords(tokens: Int32Array, numWords: number): void {
  for (let index = 0; index < tokens.length; index++) {
    if ((tokens[index] ?? 0) >= numWords) tokens[index] = OUT_OF_VOCABULARY;
  }
}

/** Splits, cuts and pads the reviews of `file` as `spec` says. */
export function toDataset(reviews: Reviews, spec: DatasetSpec, file: SourceFile): Dataset {
  const { order } = reviews;
  const split = trainTestSplit(order.length, heldOut(order.length, spec.validation_split), spec.split_seed);
  const rows = (picked: Int32Array): Rows => {
    const places = picked.map((index) => order[index] ?? 0);
    return {
      rows: places.length,
      inputs: padSequences(reviews.tokens, places, spec.maxlen),
      targets: Float32Array.from(places, (place) => reviews.labels[place] ?? 0),
    };
  };
  return {
    train: rows(split.train),
    validation: rows(split.test),
    sha256: file.sha256,
    origin: `${spec.source} from ${file.path}`,
  };
}
