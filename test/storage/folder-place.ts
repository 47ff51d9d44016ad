import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openFolder } from '../../src/storage/folder.ts';
import { temporaryFolder } from '../folders.ts';
import type { Place } from './another.ts';

/** A data folder of a test's own, as a place of blobs. */
export const open = async () => openAt(temporaryFolder());

export async function openAt(dataDir: string) {
  const blobs = await openFolder(dataDir);
  const opener: Place['opener'] = [resolve('dist/storage/folder.js'), 'openFolder', dataDir];
  return { dataDir, blobs, opener, files: async () => (await readdir(dataDir, { recursive: true })).sort() };
}
