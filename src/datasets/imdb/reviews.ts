import type { Rows, Sequences } from '../../contract/arrays.ts';
import type { DatasetSpec } from '../../contract/dataset.ts';
import type { Dataset } from '../dataset.ts';
import { describeDataset, IMDB_ROWS } from '../describe.ts';
import { randomState } from '../mt19937.ts';
import { padSequences } from '../pad.ts';
import type { SourceFile } from '../source-file.ts';
import { trainTestSplit } from '../split.ts';

const SHUFFLE_SEED = 113;
const OUT_OF_VOCABULARY = 2;

/** Reviews as they lie in a file, and the order in which Keras hands them out. */
export interface Reviews {
  readonly tokens: Sequences;
  /** 1 for praise, 0 for the opposite. */
  readonly labels: Float32Array;
  readonly order: Int32Array;
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
  const split = trainTestSplit(order.length, spec.validation_split, spec.split_seed);
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
    description: describeDataset(spec),
    sha256: file.sha256,
    origin: `${spec.source} from ${file.path}`,
  };
}
