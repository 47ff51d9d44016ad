import type { Blobs } from '../../storage/storage.ts';
import type { Known } from '../history/files.ts';
import { claimKey } from '../keys.ts';
import { version1Claim } from '../version-1/claim.ts';
import { type ClaimView, viewClaim } from './view.ts';

/** The newest claim up to `claim` that is laid out, which readers look into; null before the first. */
export async function currentClaim(blobs: Blobs, id: string, claim: number, known: Known): Promise<ClaimView | null> {
  for (let number = claim; number > 0; number--) {
    if ((await blobs.get(claimKey(id, number, 'head.json'))) !== null) return viewClaim(blobs, id, number, known);
    const old = await version1Claim(blobs, id, number, known);
    if (old) return old;
  }
  return null;
}
