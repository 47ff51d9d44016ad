import type { Blobs } from '../../storage/storage.ts';
import type { ClaimView } from '../claims/view.ts';
import type { Known } from '../history/files.ts';
import { parseObject } from '../json.ts';
import { claimKey } from '../keys.ts';
import { checkpointsOfVersion1 } from './checkpoints.ts';
import { historyOfVersion1 } from './history.ts';

/** A claim as version 0.1.0 wrote it, into a folder that appeared whole; null when there is none of this number. */
export async function version1Claim(blobs: Blobs, id: string, claim: number, known: Known): Promise<ClaimView | null> {
  const prefix = claimKey(id, claim);
  const names = await blobs.children(prefix);
  if (!names.some((name) => /^(history|events)\.jsonl$/.test(name))) return null;
  const checkpoints = checkpointsOfVersion1(blobs, `${prefix}/checkpoints`);
  return {
    claim,
    checkpoints,
    history: historyOfVersion1(blobs, prefix, checkpoints, id, known),
    async provenance() {
      const bytes = await blobs.get(`${prefix}/manifest.json`);
      return bytes && parseObject(bytes);
    },
  };
}
