import type { TrainingData } from '../contract/arrays.ts';
import type { DataShape } from '../contract/data-shape.ts';
import type { DatasetSpec } from '../contract/dataset.ts';
import type { DownloadProgress } from './download-part.ts';

/** A data set in memory, ready to be cut into batches. */
export interface Dataset extends TrainingData {
  /** Of the bytes that the rows were made from. */
  readonly sha256: string;
  /** Where these bytes came from, for people. */
  readonly origin: string;
}

/** Where rows come from. */
export interface DataSource<S extends DatasetSpec = DatasetSpec> {
  /** What the rows will look like; asked once, when a job is accepted. */
  describe(spec: S): Promise<DataShape>;
  /** The rows. Throws DatasetMissing, DatasetCorrupt, StorageFull, StorageUnavailable, and the signal's reason. */
  load(spec: S, options: LoadOptions): Promise<Dataset>;
}

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
