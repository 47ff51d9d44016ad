import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EpochRecord } from '../contract/history.ts';
import { hasCode, readLines } from '../storage/files.ts';

/*
 *   claims/0001/  manifest.json  history.jsonl  metrics.jsonl  events.jsonl  progress.json  checkpoints/
 *   claims/0002/  ...
 *
 * Each claim writes inside its own folder and nowhere else: a worker that was stopped, lost its lock and woke up again
 * cannot touch what its successor wrote. Readers look at the highest number. A folder appears whole, by a rename.
 */

export const claimFolder = (folder: string, claim: number): string => join(folder, 'claims', String(claim).padStart(4, '0'));

/** The claims that have a folder, rising. */
export async function listClaims(folder: string): Promise<number[]> {
  try {
    const names = await readdir(join(folder, 'claims'));
    return names
      .filter((name) => /^\d{4,}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The folder that readers look at: the newest one up to `claim`, or null before the first claim has prepared its own. */
export async function currentClaimFolder(folder: string, claim: number): Promise<string | null> {
  const newest = (await listClaims(folder)).findLast((number) => number <= claim);
  return newest === undefined ? null : claimFolder(folder, newest);
}

export const readHistory = (claimPath: string | null): Promise<EpochRecord[]> =>
  claimPath === null ? Promise.resolve([]) : readLines<EpochRecord>(join(claimPath, 'history.jsonl'));

export const countEpochs = async (folder: string, claim: number): Promise<number> =>
  (await readHistory(await currentClaimFolder(folder, claim))).length;
