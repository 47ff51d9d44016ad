import { join, resolve } from 'node:path';
import { anyStorageError } from '../contract/storage-error.ts';
import { childrenOf, readBlob, sizeOf, streamBlob } from './folder-reads.ts';
import { removeBelow, removeBlobs } from './folder-removal.ts';
import { copyBlob, createBlob, makeWithParents, replaceBlob } from './folder-writes.ts';
import { assertKey, assertRange, BlobMissing, type Blobs, type Sweeper } from './storage.ts';
import { sweepFolder } from './sweep.ts';
import { openTemporaries } from './temporaries.ts';

/*
 *   <data>/runs/job_X/run.json     a blob: it appears by a rename or a link, and is never written to again
 *   <data>/tmp/                    what is being written or removed (temporaries.ts)
 */

/** Opens (and makes) a data folder. Throws StorageFull, StorageUnavailable. */
export async function openFolder(dataDir: string): Promise<Blobs & Sweeper> {
  const root = resolve(dataDir);
  const temporaries = await naming(root, async () => {
    await makeWithParents(root);
    return openTemporaries(root);
  });
  const folder = { root, temporaries };

  const at = async <T>(key: string, work: (path: string) => Promise<T>): Promise<T> => {
    assertKey(key);
    const path = join(root, key);
    return naming(path, () => work(path));
  };

  const there = async <T>(key: string, work: (path: string) => Promise<T | null>): Promise<T> => {
    const found = await at(key, work);
    if (found === null) throw new BlobMissing(key);
    return found;
  };

  return {
    putIfAbsent: (key, bytes) => at(key, (path) => createBlob(folder, path, bytes)),
    put: (key, bytes, options) => at(key, (path) => replaceBlob(folder, path, bytes, options)),
    get: (key, range) => at(key, (path) => readBlob(folder, path, assertRange(range))),
    stream: (key, range) => there(key, (path) => streamBlob(folder, path, assertRange(range))),
    size: (key) => at(key, (path) => sizeOf(folder, path)),
    children: (prefix, after = '') =>
      prefix === '' ? naming(root, () => childrenOf(folder, root, after)) : at(prefix, (path) => childrenOf(folder, path, after)),
    copy: async (from, to) => void (await there(from, (source) => at(to, (path) => copyBlob(folder, source, path)))),
    async remove(keys) {
      keys.forEach(assertKey);
      const paths = keys.map((key) => join(root, key));
      await naming(root, () => removeBlobs(folder, paths));
    },
    removeAll: (prefix) => at(prefix, (path) => removeBelow(folder, path)),
    sweep: (now) => naming(root, () => sweepFolder(folder, now)),
  };
}

/** The door to the files: nobody beyond it decides on what the system says. */
async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw anyStorageError(error, path);
  }
}
