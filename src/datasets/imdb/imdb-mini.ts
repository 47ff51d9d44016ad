import { fileURLToPath } from 'node:url';
import type { DatasetSpec } from '../../contract/dataset.ts';
import { DatasetCorrupt } from '../../contract/errors.ts';
import { readNpz } from '../../formats/npz.ts';
import type { DataSource, Dataset, LoadOptions } from '../dataset.ts';
import { readSourceFile } from '../source-file.ts';
import { describeReviews, dropRareWords, kerasOrder, type Reviews, toDataset } from './reviews.ts';

const ASSET = fileURLToPath(new URL('../../../assets/imdb-mini.npz', import.meta.url));
const SHA256 = 'fdca863ecd425220c6bcbecc55450355dc9d4033d8eed03d9cf1d5e9c339d0f2';

/** The part of `imdb` that is shipped with this project. */
export const imdbMini: DataSource = { describe: describeReviews, load };

async function load(spec: DatasetSpec, { signal }: LoadOptions): Promise<Dataset> {
  const file = await readSourceFile(ASSET, 'it is part of this project, install it again', signal);
  if (file.sha256 !== SHA256) throw new DatasetCorrupt(`${ASSET}: expected sha256 ${SHA256}, not ${file.sha256}`);
  const npz = await readNpz(file.bytes, ASSET);
  signal.throwIfAborted();
  const { shape, data } = npz.numbers('x_train');
  const [rows = 0, width = 0] = shape;
  const values = new Int32Array(data as Uint16Array); // Known from the sum.
  dropRareWords(values, spec.num_words);
  const reviews: Reviews = {
    tokens: { values, offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * width) },
    labels: Float32Array.from(npz.numbers('y_train').data, Number),
    order: kerasOrder('train'),
  };
  return toDataset(reviews, spec, file);
}
