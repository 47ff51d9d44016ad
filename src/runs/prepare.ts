import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricPoint } from '../contract/history.ts';
import { appendLines, hasCode, named, readLines, syncFolder } from '../storage/files.ts';
import type { RunState } from '../training/state.ts';
import { type Damage, listSteps, readCheckpoint, stepFolder } from './checkpoint-folder.ts';
import { writeCheckpointIndex } from './checkpoint-index.ts';
import { claimFolder, currentClaimFolder, listClaims } from './claim-folder.ts';

export interface Prepared {
  readonly path: string;
  /** Where training goes on; null: at the start. */
  readonly state: RunState | null;
  readonly damaged: readonly Damage[];
}

/**
 * Lays out the folder of a new claim from that of the claim before it. Checkpoints are hard links; history and metrics are cut
 * back to what the checkpoint to go on from knows, so that nothing appears twice. Damaged checkpoints stay behind, named in
 * events.jsonl. Throws StorageFull.
 */
export async function prepareClaim(folder: string, claim: number): Promise<Prepared> {
  const path = claimFolder(folder, claim);
  const temporary = `${path}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  const before = await currentClaimFolder(folder, claim - 1);
  return named(path, async () => {
    await mkdir(join(temporary, 'checkpoints'), { recursive: true });
    const { state, damaged } = before === null ? { state: null, damaged: [] } : await inheritCheckpoints(before, temporary);
    await appendLines(join(temporary, 'history.jsonl'), state?.history ?? []);
    await appendLines(join(temporary, 'metrics.jsonl'), await metricsUpTo(state, before));
    const events = before === null ? [] : await readLines(join(before, 'events.jsonl'));
    await appendLines(join(temporary, 'events.jsonl'), [
      ...events,
      ...damaged.map((damage) => ({ type: 'checkpoint_damaged', claim, ...damage })),
    ]);
    if (state) await writeCheckpointIndex(join(temporary, 'checkpoints'), state, state.step);
    if (before && state) await inheritFile(join(before, 'manifest.json'), join(temporary, 'manifest.json'));
    if (before) await inheritFile(join(before, 'progress.json'), join(temporary, 'progress.json'));
    await rename(temporary, path);
    await syncFolder(join(folder, 'claims'));
    return { path, state, damaged };
  });
}

/** The points of finished epochs. Those of the last one lie in the checkpoint, whether or not they were published before the end. */
async function metricsUpTo(state: RunState | null, before: string | null): Promise<MetricPoint[]> {
  if (state === null || before === null) return [];
  const published = await readLines<MetricPoint>(join(before, 'metrics.jsonl'));
  if (state.cursor) return published.filter(({ epoch }) => epoch <= state.history.length);
  return [...published.filter(({ epoch }) => epoch < state.history.length), ...state.points];
}

/** Links the checkpoints that are whole, and gives the newest one whose best ones are whole too. */
async function inheritCheckpoints(before: string, temporary: string): Promise<{ state: RunState | null; damaged: Damage[] }> {
  const damaged: Damage[] = [];
  const whole = new Map<number, RunState>();
  for (const step of await listSteps(join(before, 'checkpoints'))) {
    const read = await readCheckpoint(join(before, 'checkpoints'), step);
    if ('detail' in read) damaged.push(read);
    else whole.set(step, read.state);
  }
  const newest = [...whole.values()].find((state) => bestSteps(state).every((step) => whole.has(step)));
  if (!newest) return { state: null, damaged };
  const kept = [...whole.keys()].filter((step) => step <= newest.step);
  for (const step of kept)
    await linkFolder(stepFolder(join(before, 'checkpoints'), step), stepFolder(join(temporary, 'checkpoints'), step));
  return { state: newest, damaged };
}

const bestSteps = ({ best, earlyStopping }: RunState): number[] => [best, earlyStopping.best].flatMap((found) => found?.step ?? []);

/** Copied, because it will be replaced; not there when the claim before ended too soon. */
async function inheritFile(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    await link(join(from, name), join(to, name)).catch(async (error: unknown) => {
      if (!hasCode(error, 'EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP')) throw error;
      await copyFile(join(from, name), join(to, name));
    });
  }
}

/** Removes the folders of claims before the one that holds the run's results: the run has ended. */
export async function dropOlderClaims(folder: string, claim: number): Promise<void> {
  for (const older of (await listClaims(folder)).filter((number) => number <= claim).slice(0, -1)) {
    await rm(claimFolder(folder, older), { recursive: true, force: true });
  }
}
