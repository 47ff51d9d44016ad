import { rowCount, type Sequences } from '../../contract/arrays.ts';
import type { DatasetSpec } from '../../contract/dataset.ts';
import { DatasetCorrupt } from '../../contract/errors.ts';
import { type Npz, readNpz } from '../../formats/npz.ts';
import type { DataSource, Dataset, LoadOptions } from '../dataset.ts';
import { findImdb } from './imdb-file.ts';
import { describeReviews, dropRareWords, IMDB_ROWS, kerasOrder, type Reviews, toDataset } from './reviews.ts';

/** Of the file that Keras publishes. Source: keras/src/datasets/imdb.py */
const IMDB_SHA256 = '69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f';
const START = 1;
const INDEX_FROM = 3;
const MAX_RANK = 2 ** 31 - 1 - INDEX_FROM;

/** The data set that Keras publishes. */
export const imdb: DataSource = { describe: describeReviews, load };

async function load(spec: DatasetSpec, options: LoadOptions): Promise<Dataset> {
  const file = await findImdb(options, IMDB_SHA256);
  const npz = await readNpz(file.bytes, file.path);
  options.signal.throwIfAborted();
  return toDataset(readReviews(npz, 'train', spec.num_words), spec, file);
}

/**
 * keras.datasets.imdb.load_data(num_words=numWords), rows not yet in their new order. Throws DatasetCorrupt.
 * Source: keras/src/datasets/imdb.py
 */
export function readReviews(npz: Npz, part: 'train' | 'test', numWords: number): Reviews {
  const ranks = npz.lists(`x_${part}`);
  if (rowCount(ranks) !== IMDB_ROWS)
    throw new DatasetCorrupt(`${npz.file}: x_${part}.npy: expected ${IMDB_ROWS} reviews, not ${rowCount(ranks)}`);
  const tokens = toTokens(ranks, `${npz.file}: x_${part}.npy`);
  dropRareWords(tokens.values, numWords);
  return { tokens, labels: readLabels(npz, `y_${part}`), order: kerasOrder(part) };
}

/** Each review as the start token and its words, whose ranks are moved up to make room for the special tokens. */
function toTokens({ values, offsets }: Sequences, place: string): Sequences {
  const tokens = new Int32Array(values.length + offsets.length - 1);
  let at = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    tokens[at++] = START;
    const end = offsets[row + 1] ?? 0;
    for (let index = offsets[row] ?? 0; index < end; index++) {
      const rank = values[index] ?? 0;
      if (rank < 0 || rank > MAX_RANK)
        throw new DatasetCorrupt(`${place}: review ${row}: expected word ranks from 0 to ${MAX_RANK}, not ${rank}`);
      tokens[at++] = rank + INDEX_FROM;
    }
  }
  return { values: tokens, offsets: offsets.map((offset, row) => offset + row) };
}

function readLabels(npz: Npz, name: string): Float32Array {
  const { shape, data } = npz.numbers(name);
  const labels = Float32Array.from(data, Number);
  if (shape.length !== 1 || labels.length !== IMDB_ROWS) {
    throw new DatasetCorrupt(`${npz.file}: ${name}.npy: expected shape (${IMDB_ROWS},), not (${shape.join(', ')})`);
  }
  const stray = labels.findIndex((label) => label !== 0 && label !== 1);
  if (stray >= 0) throw new DatasetCorrupt(`${npz.file}: ${name}.npy: review ${stray}: expected label 0 or 1, not ${data[stray]}`);
  return labels;
}
