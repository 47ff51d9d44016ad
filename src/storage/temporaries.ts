import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnavailable } from '../contract/errors.ts';
import { hasCode } from '../contract/storage-error.ts';
import { type Bytes, TEMPORARY } from './storage.ts';

/*
 *   <data>/tmp/4711-9f3c52ab01d2     process and nonce: a file that is being written, or a folder that is being removed
 *
 * Nobody looks for what lies here. Whoever finds its own gone, because it slept for an hour and was swept, begins again.
 */

export interface Temporaries {
  /** A path that no other process uses. Made by `make`, it is gone when `use` is through, however that ends. */
  with<T>(make: (path: string) => Promise<unknown>, use: (path: string) => Promise<T>): Promise<T>;
  /** Moves a folder out of everybody's sight, then removes it. Throws ENOENT when it is not there. */
  bury(move: (path: string) => Promise<void>): Promise<void>;
  /** Fails when the folder is not there. */
  assertThere(): Promise<void>;
}

/** Makes their folder, where there is room for it. */
export async function openTemporaries(root: string): Promise<Temporaries> {
  const folder = join(root, TEMPORARY);
  const newPath = (): string => join(folder, `${process.pid}-${randomBytes(6).toString('hex')}`);
  // On a full disk everything can be read; the first writer that finds room makes it.
  await makeUnless(folder, 'EEXIST', 'ENOSPC', 'EDQUOT');

  /** Does it again when their folder was not there: a data folder that was mounted since may be without one. */
  const inside = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      await makeAgain(root, folder);
      await work();
    }
  };

  const hold: Temporaries['with'] = async (make, use) => {
    const path = newPath();
    try {
      await inside(() => make(path));
      return await use(path);
    } finally {
      // Mostly it was moved where it belongs. What cannot be removed now is swept.
      await unlink(path).catch(() => undefined);
    }
  };

  return {
    with: hold,
    async bury(move) {
      const path = newPath();
      await inside(() => move(path));
      // Nobody sees it any more: what cannot be removed now is swept.
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    },
    assertThere: async () => void (await stat(folder)),
  };
}

/** Writes a new file, part by part, and flushes it to the disk. */
export async function writeNewFile(path: string, bytes: Bytes): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const part of Array.isArray(bytes) ? bytes : [bytes]) await file.writeFile(part as string | Uint8Array);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Not in an empty folder: that is where something was mounted, and what is written there is lost. */
async function makeAgain(root: string, folder: string): Promise<void> {
  if ((await readdir(root)).length === 0) throw new StorageUnavailable(`${root} is empty: is the data folder mounted there?`);
  await makeUnless(folder, 'EEXIST');
}

async function makeUnless(folder: string, ...codes: readonly string[]): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!hasCode(error, ...codes)) throw error;
  }
}
