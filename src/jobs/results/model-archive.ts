import { join } from 'node:path';
import type { Which } from '../../contract/checkpoint.ts';
import { CheckpointDamaged, NoCheckpointYet } from '../../contract/errors.ts';
import { describeDataset } from '../../datasets/sources.ts';
import { tfjsArchive } from '../../exports/tfjs.ts';
import { planSpec } from '../../plan/plan-spec.ts';
import { readCheckpoint } from '../../runs/checkpoint-folder.ts';
import type { CheckpointEntry } from '../../runs/checkpoint-index.ts';
import type { Run } from '../../runs/run.ts';
import type { Runs } from '../../runs/store.ts';
import { whyNoCheckpoint } from './absence.ts';

/** Throws NoCheckpointYet. */
export function checkpointOf(run: Run, which: Which): CheckpointEntry {
  const entry = run.checkpoints[which];
  if (entry === null) throw new NoCheckpointYet(whyNoCheckpoint(run));
  return entry;
}

/** The model of a checkpoint for TensorFlow.js. Throws JobNotFound, NoCheckpointYet, CheckpointDamaged. */
export async function readModel(runs: Runs, id: string, which: Which): Promise<Uint8Array> {
  const run = await runs.read(id);
  const { step } = checkpointOf(run, which);
  const read = await readCheckpoint(join(run.claimPath ?? '', 'checkpoints'), step);
  if ('detail' in read) {
    // Training drops checkpoints that are not needed any more, and claims that are over: then look again.
    const { checkpoints, claimPath } = await runs.read(id);
    if (checkpoints[which]?.step !== step || claimPath !== run.claimPath) return readModel(runs, id, which);
    throw new CheckpointDamaged(`the ${which} checkpoint of ${id}, step ${step}: ${read.detail}`);
  }
  const plan = planSpec(run.spec, await describeDataset(run.spec.dataset));
  return tfjsArchive(plan, read.weights);
}
