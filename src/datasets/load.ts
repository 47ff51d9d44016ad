import type { DatasetSpec } from '../contract/dataset.ts';
import type { Dataset } from './dataset.ts';
import type { DownloadProgress } from './download-part.ts';
import { loadImdb } from './imdb.ts';
import { loadImdbMini } from './imdb-mini.ts';

export interface DatasetSettings {
  /** A local imdb.npz; null means the cache, then the download. */
  readonly imdbPath: string | null;
  /** Where to download it from; null means from its publisher. */
  readonly imdbUrl: string | null;
  /** The folder that downloads are kept in. */
  readonly cacheDir: string;
}

export interface LoadOptions extends DatasetSettings {
  readonly signal: AbortSignal;
  /** Called for each piece that arrives; never called when nothing has to be downloaded. */
  readonly onProgress: (progress: DownloadProgress) => void;
}

const LOADERS: Record<DatasetSpec['source'], (spec: DatasetSpec, options: LoadOptions) => Promise<Dataset>> = {
  imdb: loadImdb,
  'imdb-mini': loadImdbMini,
};

/** The rows that `spec` describes. Throws DatasetMissing, DatasetCorrupt, StorageFull, and the signal's reason. */
export const loadDataset = (spec: DatasetSpec, options: LoadOptions): Promise<Dataset> => LOADERS[spec.source](spec, options);
