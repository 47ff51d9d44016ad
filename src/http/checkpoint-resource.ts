import { z } from 'zod';
import { checkpointOf, type Which } from '../jobs/results/model-archive.ts';
import type { CheckpointEntry } from '../runs/checkpoint-index.ts';
import type { Run } from '../runs/run.ts';

export const WHICH = ['best', 'latest'] as const;

export const checkpointSchema = z.object({
  which: z.enum(WHICH),
  epoch: z.int().describe('Epochs done.'),
  step: z.int().describe('Optimizer steps done.'),
  metrics: z.record(z.string(), z.number().nullable()).describe('What was logged at the end of that epoch.'),
  sha256: z.string().describe('Of the weights as they lie on disk.'),
  size: z.int().describe('Bytes of the weights.'),
  saved_at: z.iso.datetime(),
  links: z.record(z.string(), z.string()),
});

type CheckpointResource = z.output<typeof checkpointSchema>;

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
