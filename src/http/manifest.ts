import { join } from 'node:path';
import { readIfThere } from '../runs/files.ts';
import type { Run } from '../runs/run.ts';
import { NoManifestYet } from './errors.ts';

/** The manifest of the last training, as JSON text. Throws NoManifestYet. */
export async function readManifest({ id, claimPath }: Run): Promise<string> {
  const text = claimPath === null ? null : await readIfThere(join(claimPath, 'manifest.json'));
  if (text === null) throw new NoManifestYet(`${id} has no manifest yet: it is written when training begins`);
  return text;
}
