import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './error-codes.ts';

/** What file systems say that do not know how to flush a folder: there is nothing that could be done instead. */
const NO_FOLDER_SYNC = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EBADF', 'ENOTTY', 'EISDIR'];

/** Makes what was renamed, linked and made inside a folder survive a power cut, where the file system can. */
export async function syncFolder(path: string): Promise<void> {
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
export async function makeFolders(root: string, path: string): Promise<string[]> {
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
