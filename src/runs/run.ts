import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobNotFound } from '../contract/errors.ts';
import type { EpochRecord } from '../contract/history.ts';
import type { Spec } from '../contract/spec.ts';
import { hasCode, readIfThere } from '../storage/files.ts';
import { type CheckpointEntry, readCheckpointIndex } from './checkpoint-index.ts';
import type { Progress } from './claim.ts';
import { currentClaimFolder, readHistory } from './claim-folder.ts';
import { type RunRecord, readRecord, revisionOf } from './record.ts';

/** Everything about a run that a client may read, at one moment. */
export interface Run {
  readonly id: string;
  readonly spec: Spec;
  readonly record: RunRecord;
  readonly revision: number;
  readonly history: readonly EpochRecord[];
  readonly progress: Progress | null;
  readonly checkpoints: { readonly best: CheckpointEntry | null; readonly latest: CheckpointEntry | null };
  /** Where the results lie; null before training began. */
  readonly claimPath: string | null;
}

/** Reads a run directory. Throws JobNotFound. */
export async function readRun(folder: string, id: string): Promise<Run> {
  const record = await readRecord(folder, id);
  try {
    const claimPath = await currentClaimFolder(folder, record.claim);
    const [spec, history, progress, checkpoints] = await Promise.all([
      readFile(join(folder, 'spec.json'), 'utf8'),
      readHistory(claimPath),
      claimPath === null ? null : readIfThere(join(claimPath, 'progress.json')),
      readCheckpointIndex(claimPath),
    ]);
    return {
      id,
      spec: JSON.parse(spec) as Spec,
      record,
      revision: revisionOf(record, history.length),
      history,
      progress: progress === null ? null : (JSON.parse(progress) as Progress),
      checkpoints,
      claimPath,
    };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new JobNotFound(id);
    throw error;
  }
}
