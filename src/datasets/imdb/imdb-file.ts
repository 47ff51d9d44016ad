import { join } from 'node:path';
import { DatasetMissing } from '../../contract/errors.ts';
import type { LoadOptions } from '../dataset.ts';
import { download } from '../download.ts';
import { readSourceFile, type SourceFile } from '../source-file.ts';

/** Where Keras publishes it. Source: keras/src/datasets/imdb.py */
const IMDB_URL = 'https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz';
const MAX_DOWNLOAD_BYTES = 32 * 2 ** 20;
const REMEDY = 'set EPOCHD_IMDB_PATH to a copy of imdb.npz, or use the source "imdb-mini", which is shipped with this project';

/**
 * imdb.npz from the configured path, else from the cache, else from its publisher; the latter two must have the sum `sha256`.
 * Throws DatasetMissing, DatasetCorrupt, StorageFull, and the signal's reason.
 */
export async function findImdb({ imdbPath, imdbUrl, cacheDir, signal, onProgress }: LoadOptions, sha256: string): Promise<SourceFile> {
  if (imdbPath !== null) return readSourceFile(imdbPath, 'EPOCHD_IMDB_PATH must name a copy of imdb.npz', signal);
  const path = join(cacheDir, 'imdb.npz');
  const cached = await readCached(path, sha256, signal);
  if (cached) return cached;
  await download({ url: imdbUrl ?? IMDB_URL, path, sha256, maxBytes: MAX_DOWNLOAD_BYTES, remedy: REMEDY, signal, onProgress });
  return readSourceFile(path, 'it was there a moment ago', signal);
}

async function readCached(path: string, sha256: string, signal: AbortSignal): Promise<SourceFile | null> {
  try {
    const file = await readSourceFile(path, 'not downloaded yet', signal);
    return file.sha256 === sha256 ? file : null;
  } catch (error) {
    if (error instanceof DatasetMissing) return null;
    throw error;
  }
}
