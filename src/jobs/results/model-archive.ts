import { createHash } from 'node:crypto';
import type { Which } from '../../contract/checkpoint.ts';
import { CheckpointDamaged, NoCheckpointYet } from '../../contract/errors.ts';
import { tfjsArchive } from '../../exports/tfjs.ts';
import { decodeSafetensors } from '../../formats/safetensors.ts';
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
  const opened = await runs.openCheckpoint(id, which);
  if (opened === null) throw new NoCheckpointYet(whyNoCheckpoint(run));
  const { header, arrays, sha256, stream } = opened.weights;
  const parts: Buffer[] = [header];
  for await (const part of await stream()) parts.push(part as Buffer);
  const file = Buffer.concat(parts);
  if (createHash('sha256').update(file).digest('hex') !== sha256)
    throw new CheckpointDamaged(`the ${which} checkpoint of ${id}: expected ${arrays.length} weights with sha256 ${sha256}`);
  return tfjsArchive(run.birth.plan, decodeSafetensors(file));
}
