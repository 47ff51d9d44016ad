import { link, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageUnavailable } from '../contract/errors.ts';
import { hasCode } from '../contract/storage-error.ts';
import { sizeOf } from './folder-reads.ts';
import type { Bytes, PutOptions } from './storage.ts';
import { type Temporaries, writeNewFile } from './temporaries.ts';

interface Folder {
  readonly root: string;
  readonly temporaries: Temporaries;
}

export const replaceBlob = (folder: Folder, path: string, bytes: Bytes, { durable = true }: PutOptions = {}): Promise<void> =>
  place(
    folder,
    path,
    (temporary) => writeNewFile(temporary, bytes),
    (temporary) => rename(temporary, path),
    durable,
  );

/** True for exactly one caller. Atomic also on NFS. */
export async function createBlob(folder: Folder, path: string, bytes: Bytes): Promise<boolean> {
  if ((await sizeOf(folder, path)) === null)
    return place(
      folder,
      path,
      (temporary) => writeNewFile(temporary, bytes),
      (temporary) => hardLink(temporary, path),
    );
  // Whoever made it may not have flushed it yet, and what is told of it must hold.
  await flush(folder, [dirname(path)]);
  return false;
}

/** A second name of the same bytes: neither is ever written to again. Null when there is nothing to copy. */
export async function copyBlob(folder: Folder, from: string, to: string): Promise<true | null> {
  if ((await sizeOf(folder, from)) === null) return null;
  try {
    await place(
      folder,
      to,
      (temporary) => hardLink(from, temporary),
      (temporary) => rename(temporary, to),
    );
    return true;
  } catch (error) {
    // Removed since.
    if (hasCode(error, 'ENOENT') && (await sizeOf(folder, from)) === null) return null;
    throw error;
  }
}

const SWEPT = Symbol('the temporary was swept while its process slept');

/** Makes a temporary, moves it to `path`, and flushes every folder that got a new entry by that. */
async function place<T>(
  folder: Folder,
  path: string,
  make: (temporary: string) => Promise<unknown>,
  move: (temporary: string) => Promise<T>,
  isDurable = true,
): Promise<T> {
  for (;;) {
    const placed = await folder.temporaries.with(make, (temporary) => moveInto(folder, path, temporary, move, isDurable));
    if (placed !== SWEPT) return placed;
  }
}

/** Makes the folders on the way when they are missing, again and again while somebody removes them because they are empty. */
async function moveInto<T>(
  folder: Folder,
  path: string,
  temporary: string,
  move: (temporary: string) => Promise<T>,
  isDurable: boolean,
): Promise<T | typeof SWEPT> {
  const grown = new Set([dirname(path)]);
  for (;;) {
    const moved = await unlessMissing(() => move(temporary));
    if (moved !== MISSING) {
      if (isDurable) await flush(folder, [...grown]);
      return moved;
    }
    for (const parent of await makeFolders(folder.root, dirname(path))) grown.add(parent);
    if ((await unlessMissing(() => stat(temporary))) === MISSING) return SWEPT;
  }
}

/** At once: a journal takes them together. */
async function flush({ temporaries }: Folder, folders: readonly string[]): Promise<void> {
  await Promise.all(
    folders.map(async (path) => {
      // Missing: removed again by somebody, with all that was in it. Or everything is gone.
      if ((await unlessMissing(() => syncFolder(path))) === MISSING) await temporaries.assertThere();
    }),
  );
}

async function hardLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (cause) {
    // A server whose answer was lost is asked again, and refuses what it has done. Source: open(2), O_EXCL.
    if (hasCode(cause, 'EEXIST')) return (await stat(from)).nlink > 1;
    if (!hasCode(cause, ...NO_HARD_LINKS)) throw cause;
    throw new StorageUnavailable(
      `${to}: the data folder lies on a file system without hard links (${(cause as NodeJS.ErrnoException).code}): expected one that has them, ` +
        'because they alone make what two processes write at once happen once',
      { cause },
    );
  }
}

/** What link(2) gives on file systems without hard links. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];

const MISSING = Symbol('not there');

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | typeof MISSING> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return MISSING;
    throw error;
  }
}

/** What file systems say that do not know how to flush a folder: there is nothing that could be done instead. */
const NO_FOLDER_SYNC = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EBADF', 'ENOTTY', 'EISDIR'];

/** Makes what was renamed, linked and made inside a folder survive a power cut, where the file system can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!hasCode(error, ...NO_FOLDER_SYNC)) throw error;
  } finally {
    await folder.close();
  }
}

/**
 * Makes a folder below `root`, and those that lead to it; gives the folders that must be flushed before what is put into it
 * survives. Never makes `root`: where that is gone, a mount has gone away, and its place is no place to write to.
 */
async function makeFolders(root: string, path: string): Promise<string[]> {
  const parent = dirname(path);
  try {
    if (path !== root) await mkdir(path);
    return path === root ? [] : [parent];
  } catch (error) {
    // Whoever was faster may not have flushed it yet.
    if (hasCode(error, 'EEXIST')) return [parent];
    if (!hasCode(error, 'ENOENT') || parent === root) throw error;
  }
  return [...(await makeFolders(root, parent)), ...(await makeFolders(root, path))];
}

/** Makes a folder and all that lead to it, and flushes those that are new. */
export async function makeWithParents(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await syncFolder(dirname(folder));
}
