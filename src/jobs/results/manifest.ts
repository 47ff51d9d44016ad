import { join } from 'node:path';
import type { Run } from '../../runs/run.ts';
import { readIfThere } from '../../storage/files.ts';
import { NoManifestYet } from '../errors.ts';
import { whyNoManifest } from './absence.ts';

/** The manifest of the last training, as JSON text. Throws NoManifestYet. */
export async function readManifest(run: Run): Promise<string> {
  const { claimPath } = run;
  const text = claimPath === null ? null : await readIfThere(join(claimPath, 'manifest.json'));
  if (text === null) throw new NoManifestYet(whyNoManifest(run));
  return text;
}
