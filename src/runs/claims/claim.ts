import type { Blobs } from '../../storage/storage.ts';
import type { CheckpointStore } from '../../training/checkpoint.ts';
import type { RunState } from '../../training/state.ts';
import { checkpointWriter } from '../checkpoints/writer.ts';
import { historyWriter } from '../history/writer.ts';
import { sealed } from '../json.ts';
import { claimKey } from '../keys.ts';
import { currentClaim } from './current.ts';
import { openFence } from './fence.ts';
import { type Damage, takeOver } from './take-over.ts';
import { viewClaim } from './view.ts';

/**
 * The one writer of a run's results: what a trainer holds while its worker holds the claim. Every write first asks whether the
 * claim still stands, and goes below the claim's own prefix. Methods throw FenceLost, StorageFull and StorageUnavailable.
 */
export interface Claim extends CheckpointStore {
  /** The state that this claim goes on from; null at the start of a run. */
  readonly resumed: RunState | null;
  /** Checkpoints that could not be used when this claim began. */
  readonly damaged: readonly Damage[];
  /** What was written down of the claim whose checkpoints this one goes on from; null at the start of a run. */
  readonly provenanceBefore: object | null;
  writeProvenance(provenance: object): Promise<void>;
  /** Says which checkpoint the finished model is. Afterwards everything that was written survives a power cut. */
  finish(state: RunState): Promise<void>;
}

export interface ClaimOptions {
  /** How long the run has trained by now, over all claims, in milliseconds. */
  readonly trainedMs: () => number;
  readonly now: () => Date;
}

/** Lays the claim out and opens it for writing. Throws FenceLost, JobNotFound, RunDamaged, StorageFull, StorageUnavailable. */
export async function openClaim(blobs: Blobs, id: string, claim: number, { trainedMs, now }: ClaimOptions): Promise<Claim> {
  const fence = await openFence(blobs, id, claim);
  const before = await currentClaim(blobs, id, claim - 1, fence.known);
  const taken = await takeOver(blobs, id, claim, fence.known, trainedMs());
  const resumed = taken.newest?.state ?? null;
  const records = () => viewClaim(blobs, id, claim, { ...fence.known, epochs: 0 }).history.records();
  const checkpoints = checkpointWriter(blobs, claimKey(id, claim, 'checkpoints'), taken, records, now);
  const history = historyWriter(blobs, claimKey(id, claim, 'history'), resumed, taken.lines, trainedMs);
  let { newest } = taken;

  return {
    resumed,
    damaged: taken.damaged,
    provenanceBefore: (resumed && (await before?.provenance())) ?? null,
    async loadNewest() {
      const loaded = newest;
      // It may be large, and is asked for once.
      newest = null;
      return loaded ?? (resumed && checkpoints.read(resumed));
    },
    loadStep: (step) => checkpoints.read({ step, cursor: null }),
    async save(checkpoint, keepSteps) {
      await fence.check();
      await checkpoints.save(checkpoint, keepSteps);
    },
    async appendHistory(record, points) {
      await fence.check();
      await history.append({ record, points }, checkpoints.index());
    },
    async writeProvenance(provenance) {
      await fence.check();
      await blobs.put(claimKey(id, claim, 'provenance.json'), sealed(provenance));
    },
    async finish({ modelStep }) {
      await fence.check();
      await checkpoints.choose(modelStep);
      await history.close(checkpoints.index());
    },
  };
}
