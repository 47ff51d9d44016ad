import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isTerminal } from '../../src/contract/job.ts';
import { stepFolder } from '../../src/runs/checkpoint-folder.ts';
import type { Run } from '../../src/runs/run.ts';
import type { Manifest } from '../../src/trainer/provenance.ts';
import { freeze } from '../processes.ts';
import { until } from '../until.ts';
import type { Rig } from './rig.ts';
import type { WorkerProcess } from './worker-process.ts';

/* How far a training is, and what it leaves. */

export async function untilEnded({ runs }: Rig, id: string): Promise<Run> {
  await until(async () => isTerminal((await runs.readRecord(id)).state), `${id} has ended`);
  return runs.read(id);
}

/** Waits until `epoch` (from 1) or a later one is being trained and some of its batches are done. */
export const untilInside = (rig: Rig, id: string, epoch: number): Promise<void> =>
  until(() => isInside(rig, id, epoch), `${id} is inside epoch ${epoch}`);

/**
 * Stops the trainer (SIGSTOP) in the middle of `epoch` or a later one, so that what is done to it next hits there for certain.
 * Resolves to its process id. Throws when the run ends before.
 */
export async function freezeInside(rig: Rig, worker: WorkerProcess, id: string, epoch: number): Promise<number> {
  await untilInside(rig, id, epoch);
  const trainer = await worker.trainer();
  await until(async () => {
    await freeze(trainer);
    if (await isInside(rig, id, epoch)) return true;
    process.kill(trainer, 'SIGCONT');
    await untilInside(rig, id, epoch);
    return false;
  }, `the trainer of ${id} is stopped inside epoch ${epoch}`);
  return trainer;
}

async function isInside({ runs }: Rig, id: string, epoch: number): Promise<boolean> {
  const { record, progress, history } = await runs.read(id);
  if (isTerminal(record.state)) throw new Error(`${id} is ${record.state} before epoch ${epoch} was seen: ${record.error?.message}`);
  if (record.state !== 'running' || progress === null || progress.phase !== 'training' || progress.step === 0) return false;
  return progress.epoch >= epoch && progress.epoch === history.length + 1;
}

/** What must be the same however often a training was disturbed. */
export async function resultOf({ history, checkpoints, claimPath }: Run): Promise<object> {
  const fileOf = (step: number, name: string): string => join(stepFolder(join(claimPath ?? '', 'checkpoints'), step), name);
  const sha256 = async (step: number, name: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(fileOf(step, name)))
      .digest('hex');
  const bits = async (step: number) => [step, await sha256(step, 'weights.safetensors'), await sha256(step, 'optimizer.safetensors')];
  const { best, latest } = checkpoints;
  if (best === null || latest === null) throw new Error('a run that has no checkpoint has no result');
  const metrics = await readFile(join(claimPath ?? '', 'metrics.jsonl'), 'utf8');
  return { history, metrics, best: await bits(best.step), latest: await bits(latest.step) };
}

export const manifestOf = async ({ claimPath }: Run): Promise<Manifest> =>
  JSON.parse(await readFile(join(claimPath ?? '', 'manifest.json'), 'utf8')) as Manifest;
