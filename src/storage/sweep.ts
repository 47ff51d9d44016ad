import { lstat, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../contract/storage-error.ts';
import { TEMPORARY } from './storage.ts';
import type { Temporaries } from './temporaries.ts';

interface Folder {
  readonly root: string;
  readonly temporaries: Temporaries;
}

const SWEPT_AFTER_MS = 3_600_000;

/** Where version 0.1.0 left what it had not finished, and the probe of the file system still does, and how that is called. */
const FORMER_PLACES = ['.', 'runs', 'idempotency'];
const FORMER = /\.\d+\.\d+\.tmp$|^\.(?:job_\w+\.(?:tmp|removed)|ready-\w+\.tmp|probe-\d+-\w+)$/;

/** Removes what nobody has written to for an hour; gives how many there were. */
export async function sweepFolder({ root, temporaries }: Folder, now?: number): Promise<number> {
  const present = now ?? (await clockOf(temporaries));
  const left = (await readdir(join(root, TEMPORARY))).map((name) => join(root, TEMPORARY, name));
  const former = await Promise.all(FORMER_PLACES.map((place) => leftBehind(join(root, place))));
  let count = 0;
  for (const path of [...left, ...former.flat()]) if (await removeOld(path, present)) count++;
  return count;
}

/** What the file system takes for now: on a network that is another machine's clock. */
const clockOf = (temporaries: Temporaries): Promise<number> =>
  temporaries.with(
    (path) => writeFile(path, '', { flag: 'wx' }),
    async (path) => (await stat(path)).mtimeMs,
  );

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
