import type { DatasetSpec } from '../contract/dataset.ts';
import type { Dataset, LoadOptions } from './dataset.ts';
import { loadImdb } from './imdb/imdb.ts';
import { loadImdbMini } from './imdb/imdb-mini.ts';

const LOADERS: Record<DatasetSpec['source'], (spec: DatasetSpec, options: LoadOptions) => Promise<Dataset>> = {
  imdb: loadImdb,
  'imdb-mini': loadImdbMini,
};

/** The rows that `spec` describes. Throws DatasetMissing, DatasetCorrupt, StorageFull, and the signal's reason. */
export const loadDataset = (spec: DatasetSpec, options: LoadOptions): Promise<Dataset> => LOADERS[spec.source](spec, options);
