import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EpochRecord, MetricPoint } from '../contract/history.ts';
import type { Phase } from '../contract/job.ts';
import { anyStorageError } from '../contract/storage-error.ts';
import { appendLines, readIfThere, replaceFile } from '../storage/files.ts';
import type { Checkpoint, CheckpointStore } from '../training/checkpoint.ts';
import type { RunState } from '../training/state.ts';
import { type Damage, listSteps, loadCheckpoint, stepFolder, writeCheckpoint } from './checkpoint-folder.ts';
import { writeCheckpointIndex } from './checkpoint-index.ts';
import { assertHolds } from './lifecycle.ts';
import { prepareClaim } from './prepare.ts';
import { readRecord } from './record.ts';

/** What a running training looks like from outside. Epochs count from 1, steps within the epoch. */
export interface Progress {
  readonly phase: Phase;
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly etaAt: string | null;
  /** Milliseconds of training so far, over all claims, by clocks that nobody sets; missing in runs of version 0.1.0. */
  readonly trainedMs?: number;
}

/**
 * The one writer of a run's results: what a trainer holds while its worker holds the claim. Every write first asks whether the
 * claim still stands, and goes to the claim's own folder. Methods throw FenceLost, StorageFull and
 * StorageUnavailable.
 */
export interface Claim extends CheckpointStore {
  /** The state that this claim goes on from; null at the start of a run. */
  readonly resumed: RunState | null;
  /** Checkpoints that could not be used when this claim began. */
  readonly damaged: readonly Damage[];
  writeProgress(progress: Progress): Promise<void>;
  /** The manifest of the claim whose checkpoints this one goes on from; null at the start of a run. */
  readManifest(): Promise<unknown>;
  writeManifest(manifest: object): Promise<void>;
  appendEvent(event: { readonly type: string } & Readonly<Record<string, unknown>>): Promise<void>;
  /** Says which checkpoint the finished model is. */
  finish(state: RunState): Promise<void>;
}

/** Prepares the claim's folder and opens it for writing. Throws FenceLost, StorageFull. */
export async function openClaim(folder: string, id: string, claim: number): Promise<Claim> {
  const assertMine = async (): Promise<void> => assertHolds(await readRecord(folder, id), id, claim);
  await assertMine();
  const { path, state: resumed, damaged } = await prepareClaim(folder, claim);
  const checkpoints = join(path, 'checkpoints');
  const guarded =
    <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      try {
        await assertMine();
        await write(...args);
      } catch (error) {
        throw anyStorageError(error, path);
      }
    };

  return {
    resumed,
    damaged,
    loadNewest: async () => resumed && loadCheckpoint(checkpoints, resumed.step),
    loadStep: (step) => loadCheckpoint(checkpoints, step),
    save: guarded(async (saved: Checkpoint, keepSteps: readonly number[]) => {
      await writeCheckpoint(checkpoints, saved);
      await writeCheckpointIndex(checkpoints, saved.state, saved.state.step);
      for (const step of await listSteps(checkpoints)) {
        if (!keepSteps.includes(step)) await rm(stepFolder(checkpoints, step), { recursive: true, force: true });
      }
    }),
    appendHistory: guarded(async (record: EpochRecord, points: readonly MetricPoint[]) => {
      await appendLines(join(path, 'metrics.jsonl'), points);
      await appendLines(join(path, 'history.jsonl'), [record]);
    }),
    writeProgress: guarded((progress: Progress) => replaceFile(join(path, 'progress.json'), JSON.stringify(progress), { durable: false })),
    readManifest: async () => JSON.parse((await readIfThere(join(path, 'manifest.json'))) ?? 'null') as unknown,
    writeManifest: guarded((manifest: object) => replaceFile(join(path, 'manifest.json'), JSON.stringify(manifest, null, 2))),
    appendEvent: guarded((event: object) => appendLines(join(path, 'events.jsonl'), [event])),
    finish: guarded((state: RunState) => writeCheckpointIndex(checkpoints, state, state.modelStep)),
  };
}
