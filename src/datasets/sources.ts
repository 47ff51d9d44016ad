import type { DataShape } from '../contract/data-shape.ts';
import type { DatasetSpec } from '../contract/dataset.ts';
import type { DataSource, Dataset, LoadOptions } from './dataset.ts';
import { imdb } from './imdb/imdb.ts';
import { imdbMini } from './imdb/imdb-mini.ts';
import { checkShape } from './shape.ts';

/** Every source that a spec can name. */
const SOURCES: { readonly [S in DatasetSpec['source']]: DataSource<Extract<DatasetSpec, { source: S }>> } = {
  imdb,
  'imdb-mini': imdbMini,
};

const sourceOf = ({ source }: DatasetSpec): DataSource => SOURCES[source];

/** What the rows that `spec` names look like: for who accepts a job. Whoever runs it goes by what was written down then. */
export const describeDataset = (spec: DatasetSpec): Promise<DataShape> => sourceOf(spec).describe(spec);

/**
 * The rows that `spec` names, which must look like `shape`. Throws DatasetMissing, DatasetCorrupt, StorageFull, StorageUnavailable,
 * and the signal's reason.
 */
export async function loadDataset(spec: DatasetSpec, shape: DataShape, options: LoadOptions): Promise<Dataset> {
  const dataset = await sourceOf(spec).load(spec, options);
  checkShape(dataset, shape);
  return dataset;
}
