import { rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../contract/storage-error.ts';
import { ifThere } from './folder-reads.ts';
import type { Temporaries } from './temporaries.ts';

interface Folder {
  readonly root: string;
  readonly temporaries: Temporaries;
}

export async function removeBlobs(folder: Folder, paths: readonly string[]): Promise<void> {
  for (const path of paths) await ifThere(folder, () => unlink(path));
  for (const parent of new Set(paths.map((path) => dirname(path)))) await tidy(folder.root, parent);
}

/** Out of everybody's sight at once: a put that comes later begins a new folder. */
export async function removeBelow(folder: Folder, path: string): Promise<void> {
  try {
    // With the slash a blob of this name is none of it.
    await ifThere(folder, () => folder.temporaries.bury((grave) => rename(`${path}/`, grave)));
  } catch (error) {
    // On a full disk there may be no room for a name either, and removing is what mends that.
    if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
    await rm(path, { recursive: true, force: true });
  }
  await tidy(folder.root, dirname(path));
}

/** Removes folders that became empty, but for those at the top: they are few, and their rights are looked at. */
async function tidy(root: string, path: string): Promise<void> {
  for (let folder = path; folder !== root && dirname(folder) !== root; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EBUSY')) return;
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
}
