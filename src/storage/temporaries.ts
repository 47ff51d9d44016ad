import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnavailable } from '../contract/errors.ts';
import { hasCode } from '../contract/storage-error.ts';
import { type Bytes, TEMPORARY } from './storage.ts';

/*
 *   <data>/tmp/4711-9f3c52ab01d2     process and nonce: a file that is being written, or a folder that is being removed
 *
 * Nobody looks for what lies here. Whoever finds its own gone, because it slept for an hour and was swept, begins again.
 */

const SWEPT_AFTER_MS = 3_600_000;

/** Where version 0.1.0 left what it had not finished, and the probe of the file system still does, and how that is called. */
const FORMER_PLACES = ['.', 'runs', 'idempotency'];
const FORMER = /\.\d+\.\d+\.tmp$|^\.(?:job_\w+\.(?:tmp|removed)|ready-\w+\.tmp|probe-\d+-\w+)$/;

export interface Temporaries {
  /** A path that no other process uses. Made by `make`, it is gone when `use` is through, however that ends. */
  with<T>(make: (path: string) => Promise<unknown>, use: (path: string) => Promise<T>): Promise<T>;
  /** Moves a folder out of everybody's sight, then removes it. Throws ENOENT when it is not there. */
  bury(move: (path: string) => Promise<void>): Promise<void>;
  /** Fails when the folder is not there. */
  assertThere(): Promise<void>;
  sweep(now?: number): Promise<number>;
}

/** Makes their folder, where there is room for it. */
export async function openTemporaries(root: string): Promise<Temporaries> {
  const folder = join(root, TEMPORARY);
  const newPath = (): string => join(folder, `${process.pid}-${randomBytes(6).toString('hex')}`);
  await mkdir(folder).catch((error: unknown) => {
    // On a full disk everything can be read; the first writer that finds room makes it.
    if (!hasCode(error, 'EEXIST', 'ENOSPC', 'EDQUOT')) throw error;
  });

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
    async sweep(now) {
      const present =
        now ??
        (await hold(
          (path) => writeFile(path, '', { flag: 'wx' }),
          async (path) => (await stat(path)).mtimeMs,
        ));
      const left = (await readdir(folder)).map((name) => join(folder, name));
      const former = await Promise.all(FORMER_PLACES.map((place) => leftBehind(join(root, place))));
      let count = 0;
      for (const path of [...left, ...former.flat()]) if (await removeOld(path, present)) count++;
      return count;
    },
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
  await mkdir(folder).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
}

async function leftBehind(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => FORMER.test(name)).map((name) => join(folder, name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function removeOld(path: string, now: number): Promise<boolean> {
  try {
    if (now - (await lstat(path)).mtimeMs <= SWEPT_AFTER_MS) return false;
  } catch (error) {
    // Its own process was faster.
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  await rm(path, { recursive: true, force: true });
  return true;
}
