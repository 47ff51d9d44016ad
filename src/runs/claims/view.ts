import type { Blobs } from '../../storage/storage.ts';
import { type CheckpointFiles, checkpointFiles } from '../checkpoints/files.ts';
import { type HistoryFiles, historyFiles, type Known } from '../history/files.ts';
import { parseSealed } from '../json.ts';
import { claimKey } from '../keys.ts';

/** What may be read of a claim, whatever version wrote it. */
export interface ClaimView {
  readonly claim: number;
  readonly history: HistoryFiles;
  readonly checkpoints: CheckpointFiles;
  /** What the bits depend on; null when it was not written, or not whole. */
  provenance(): Promise<object | null>;
}

/** A claim of the layout in keys.ts. */
export function viewClaim(blobs: Blobs, id: string, claim: number, known: Known): ClaimView {
  const checkpoints = checkpointFiles(blobs, claimKey(id, claim, 'checkpoints'));
  return {
    claim,
    checkpoints,
    history: historyFiles(blobs, claimKey(id, claim, 'history'), checkpoints, id, known),
    async provenance() {
      const bytes = await blobs.get(claimKey(id, claim, 'provenance.json'));
      return bytes && parseSealed(bytes);
    },
  };
}
