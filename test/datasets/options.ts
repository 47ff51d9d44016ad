import type { LoadOptions } from '../../src/datasets/dataset.ts';

/** Options that find nothing: no local file, no cache, and a server that is not there. */
export const nowhere: LoadOptions = {
  imdbPath: null,
  imdbUrl: 'http://127.0.0.1:9/imdb.npz',
  cacheDir: '/nonexistent',
  signal: new AbortController().signal,
  onProgress: () => {},
};

/** The folder of data that is too large for the repository, or undefined after saying what is skipped without it. */
export function sharedFolder(skipped: string): string | undefined {
  const folder = process.env.EPOCHD_SHARED;
  if (!folder) console.warn(`skipped: ${skipped}. Set EPOCHD_SHARED to a folder that has data/imdb.npz.`);
  return folder;
}
