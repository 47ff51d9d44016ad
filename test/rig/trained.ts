import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricPoint } from '../../src/contract/history.ts';
import { isTerminal } from '../../src/contract/job.ts';
import type { Progress } from '../../src/contract/progress.ts';
import type { CheckpointEntry } from '../../src/runs/checkpoints/entry.ts';
import { decodeHeader } from '../../src/runs/checkpoints/file.ts';
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

async function isInside(rig: Rig, id: string, epoch: number): Promise<boolean> {
  const { record, epochs } = await rig.runs.read(id);
  if (isTerminal(record.state)) throw new Error(`${id} is ${record.state} before epoch ${epoch} was seen: ${record.error?.message}`);
  const progress = await progressOf(rig, id);
  if (record.state !== 'running' || progress?.claim !== record.claim || progress.phase !== 'training' || progress.step === 0) return false;
  return progress.epoch >= epoch && progress.epoch === epochs + 1;
}

/** What was heard of its trainer lately. */
export const progressOf = async ({ queue }: Pick<Rig, 'queue'>, id: string): Promise<Progress | null> =>
  (await queue.progress([id]))[0] ?? null;

/** Where a run keeps what its last claim wrote. */
export async function claimFolderOf({ dataDir }: Pick<Rig, 'dataDir'>, id: string): Promise<string> {
  const claims = join(dataDir, 'runs', id, 'claims');
  return join(claims, (await readdir(claims)).sort().at(-1) ?? '');
}

/** The steps whose checkpoints lie there, rising. */
export const savedSteps = async (rig: Pick<Rig, 'dataDir'>, id: string): Promise<number[]> =>
  (await readdir(join(await claimFolderOf(rig, id), 'checkpoints'))).map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);

/** What must be the same however often a training was disturbed. */
export async function resultOf({ runs, dataDir }: Pick<Rig, 'runs' | 'dataDir'>, id: string): Promise<object> {
  const points: MetricPoint[] = [];
  for await (const some of runs.readPoints(id, 0)) points.push(...some);
  const { best, latest } = (await runs.read(id)).checkpoints;
  if (best === null || latest === null) throw new Error('a run that has no checkpoint has no result');
  const folder = join(await claimFolderOf({ dataDir }, id), 'checkpoints');
  const bits = async ({ step, sha256 }: CheckpointEntry) => [step, sha256, await optimizerSum(folder, step)];
  return { history: await runs.readHistory(id), points, best: await bits(best), latest: await bits(latest) };
}

async function optimizerSum(folder: string, step: number): Promise<string> {
  const file = await readFile(join(folder, `${String(step).padStart(10, '0')}.ckpt`));
  const { start, size } = decodeHeader(file, folder).parts.optimizer;
  return createHash('sha256')
    .update(file.subarray(start, start + size))
    .digest('hex');
}

export const provenanceOf = async ({ runs }: Pick<Rig, 'runs'>, id: string): Promise<Manifest> =>
  (await runs.readProvenance(id)) as Manifest;
