import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logs } from '../contract/history.ts';
import { readIfThere, replaceFile } from '../storage/files.ts';
import type { RunState } from '../training/state.ts';
import { stepFolder, weightsFile } from './checkpoint-folder.ts';

/** What a client may know of a checkpoint. */
export interface CheckpointEntry {
  /** Optimizer steps done. */
  readonly step: number;
  /** Epochs done. */
  readonly epoch: number;
  /** The logs of that epoch. */
  readonly metrics: Logs;
  /** Of the weights. */
  readonly sha256: string;
  /** Bytes of the weights. */
  readonly size: number;
  readonly savedAt: string;
}

/** `latest` is the model as it stands: the newest checkpoint, or after the end the one that training left it with. */
export interface CheckpointIndex {
  readonly best: CheckpointEntry | null;
  readonly latest: CheckpointEntry | null;
}

/** Writes which checkpoints are best and latest, for readers; training itself looks at the folders. */
export async function writeCheckpointIndex(checkpoints: string, state: RunState, latestStep: number): Promise<void> {
  const entryOf = async (step: number): Promise<CheckpointEntry> => {
    const done = state.history.filter((record) => record.step <= step);
    const { mtime } = await stat(stepFolder(checkpoints, step));
    return {
      step,
      epoch: done.length,
      metrics: done.at(-1)?.logs ?? {},
      ...(await weightsFile(checkpoints, step)),
      savedAt: mtime.toISOString(),
    };
  };
  const index: CheckpointIndex = { best: state.best && (await entryOf(state.best.step)), latest: await entryOf(latestStep) };
  await replaceFile(join(checkpoints, 'index.json'), JSON.stringify(index));
}

/** The index in a claim's folder; nothing before the first checkpoint. */
export async function readCheckpointIndex(claimPath: string | null): Promise<CheckpointIndex> {
  const text = claimPath === null ? null : await readIfThere(join(claimPath, 'checkpoints', 'index.json'));
  return text === null ? { best: null, latest: null } : (JSON.parse(text) as CheckpointIndex);
}
