import { type CheckpointResource, WHICH, type Which } from '../../contract/checkpoint.ts';
import { NoCheckpointYet } from '../../contract/errors.ts';
import type { CheckpointEntry } from '../../runs/checkpoints/entry.ts';
import type { Run } from '../../runs/run.ts';
import { whyNoCheckpoint } from './absence.ts';

/** Throws NoCheckpointYet. */
export function checkpointOf(run: Run, which: Which): CheckpointEntry {
  const entry = run.checkpoints[which];
  if (entry === null) throw new NoCheckpointYet(whyNoCheckpoint(run));
  return entry;
}

/** Throws NoCheckpointYet. */
export const presentCheckpoint = (run: Run, which: Which, baseUrl: string): CheckpointResource =>
  resourceOf(linkTo(run, which, baseUrl), which, checkpointOf(run, which));

/** Those that there are. */
export const presentCheckpoints = (run: Run, baseUrl: string): CheckpointResource[] =>
  WHICH.flatMap((which) => {
    const entry = run.checkpoints[which];
    return entry ? [resourceOf(linkTo(run, which, baseUrl), which, entry)] : [];
  });

const linkTo = ({ id }: Run, which: Which, baseUrl: string): string => `${baseUrl}/v1/jobs/${id}/checkpoints/${which}`;

function resourceOf(self: string, which: Which, { epoch, step, metrics, sha256, size, savedAt }: CheckpointEntry): CheckpointResource {
  return { which, epoch, step, metrics, sha256, size, saved_at: savedAt, links: { self, model: `${self}/model` } };
}
