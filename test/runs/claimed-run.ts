import { join } from 'node:path';
import type { MetricPoint } from '../../src/contract/history.ts';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { keepSteps } from '../../src/training/state.ts';
import { birthOf, CLOCK } from '../births.ts';
import { temporaryFolder } from '../folders.ts';
import { newJobId, seedSpec } from '../seed-job.ts';
import { checkpointAfter } from './checkpoints.ts';

export const claimant = { worker: 'w1', maxAttempts: 100 };
export const spec = seedSpec();

export async function newRun() {
  const dataDir = temporaryFolder();
  const runs = openRuns(await openFolder(dataDir));
  const id = newJobId();
  await runs.create(id, await birthOf(spec));
  return { runs, id, folder: join(dataDir, 'runs', id) };
}

/** Claims the run and opens the claim for writing. */
export async function claimed(runs: Runs, id: string) {
  const { claim } = await runs.claim(id, claimant);
  return { claim, writer: await runs.openClaim(id, claim, CLOCK) };
}

export async function pointsOf(runs: Runs, id: string): Promise<MetricPoint[]> {
  const points: MetricPoint[] = [];
  for await (const some of runs.readPoints(id, 0)) points.push(...some);
  return points;
}

/** Claims the run and finishes one epoch for each validation loss. */
export async function saveEpochs(runs: Runs, id: string, valLosses: readonly number[]) {
  const { claim, writer } = await claimed(runs, id);
  for (let epoch = 1; epoch <= valLosses.length; epoch++) {
    const checkpoint = checkpointAfter(spec, valLosses.slice(0, epoch));
    await writer.save(checkpoint, keepSteps(checkpoint.state, spec));
    await writer.appendHistory(checkpoint.state.history[epoch - 1]!, checkpoint.state.points);
  }
  return { claim, writer };
}

export const fileOf = (folder: string, claim: number, step: number): string =>
  join(folder, 'claims', String(claim).padStart(4, '0'), 'checkpoints', `${String(step).padStart(10, '0')}.ckpt`);
