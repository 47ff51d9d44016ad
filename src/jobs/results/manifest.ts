import type { Run } from '../../runs/run.ts';
import type { Runs } from '../../runs/store.ts';
import { NoManifestYet } from '../errors.ts';
import { whyNoManifest } from './absence.ts';

/** The provenance of the last training, as JSON text. Throws NoManifestYet, JobNotFound. */
export async function readManifest(runs: Runs, run: Run): Promise<string> {
  const provenance = await runs.readProvenance(run.id);
  if (provenance === null) throw new NoManifestYet(whyNoManifest(run));
  return JSON.stringify(provenance, null, 2);
}
