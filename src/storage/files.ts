import { createHash } from 'node:crypto';
import { appendFile, link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageUnavailable } from '../contract/errors.ts';
import { storageError } from '../contract/storage-error.ts';

let temporaries = 0;

/** A name beside `path` that no other process uses. */
const temporaryName = (path: string): string => `${path}.${process.pid}.${temporaries++}.tmp`;

/** Replaces `path` as a whole: a reader sees the old bytes or the new ones. Throws StorageFull, StorageUnavailable. */
export async function replaceFile(path: string, data: string | Uint8Array, { durable = true } = {}): Promise<void> {
  await withTemporary(path, data, durable, (temporary) => rename(temporary, path));
  if (durable) await syncFolder(dirname(path));
}

/** Creates `path` as a whole, once: false when it is there already, whoever made it. Atomic also on NFS. Throws StorageFull, StorageUnavailable. */
export async function createFile(path: string, data: string | Uint8Array): Promise<boolean> {
  try {
    await withTemporary(path, data, true, (temporary) => hardLink(temporary, path));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** Writes a new file, given whole or in parts, and flushes it to the disk. Throws StorageFull, StorageUnavailable. */
export async function writeDurably(path: string, ...parts: readonly (string | Uint8Array)[]): Promise<void> {
  await named(path, async () => {
    const file = await open(path, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** Adds lines to a file with one write. Throws StorageFull, StorageUnavailable. */
export const appendLines = (path: string, values: readonly unknown[]): Promise<void> =>
  named(path, () => appendFile(path, values.map((value) => `${JSON.stringify(value)}\n`).join('')));

/** The values of a .jsonl file, [] when it is not there. A last line without its newline was being written: it does not count yet. */
export async function readLines<T>(path: string): Promise<T[]> {
  const text = await readIfThere(path);
  if (text === null) return [];
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** The text of a file, or null when it is not there. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await named(path, () => readFile(path, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** What file systems say that do not know how to flush a folder: there is nothing that could be done instead. */
const NO_FOLDER_SYNC = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EBADF', 'ENOTTY', 'EISDIR'];

/** Makes renames and links inside a folder survive a power cut, where the file system can. */
export async function syncFolder(path: string): Promise<void> {
  await named(path, async () => {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } catch (error) {
      if (!hasCode(error, ...NO_FOLDER_SYNC)) throw error;
    } finally {
      await folder.close();
    }
  });
}

export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** What link(2) gives on file systems without hard links. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];

async function hardLink(from: string, to: string): Promise<void> {
  await link(from, to).catch((cause: NodeJS.ErrnoException) => {
    if (!hasCode(cause, ...NO_HARD_LINKS)) throw cause;
    throw new StorageUnavailable(
      `${to}: the data folder lies on a file system without hard links (${cause.code}): expected one that has them, ` +
        'because they alone make what two processes write at once happen once',
      { cause },
    );
  });
}

async function withTemporary(path: string, data: string | Uint8Array, durable: boolean, promote: (temporary: string) => Promise<void>) {
  const temporary = temporaryName(path);
  try {
    await named(path, async () => {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(data);
        if (durable) await file.sync();
      } finally {
        await file.close();
      }
      await promote(temporary);
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Gives what the system says of `path` its name; what is decided on (there already, not there) passes as it is. */
export async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, path);
  }
}
