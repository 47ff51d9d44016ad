import type { Blobs } from '../storage/storage.ts';
import { type CheckpointFiles, checkpointFiles } from './checkpoint-files.ts';
import { type HistoryFiles, historyFiles } from './history-files.ts';
import { parseObject } from './json.ts';
import { claimKey } from './keys.ts';

/** What may be read of a claim, whatever version wrote it. */
export interface ClaimView {
  readonly claim: number;
  readonly history: HistoryFiles;
  readonly checkpoints: CheckpointFiles;
  /** What the bits depend on; null when it was not written, or not whole. */
  provenance(): Promise<object | null>;
}

/** A claim of the layout in keys.ts. `epochs`: those that the record of the run knows of. */
export function viewClaim(blobs: Blobs, id: string, claim: number, epochs: number): ClaimView {
  const checkpoints = checkpointFiles(blobs, claimKey(id, claim, 'checkpoints'));
  return {
    claim,
    checkpoints,
    history: historyFiles(blobs, claimKey(id, claim, 'history'), checkpoints, id, epochs),
    async provenance() {
      const bytes = await blobs.get(claimKey(id, claim, 'provenance.json'));
      return bytes && parseObject(bytes);
    },
  };
}
