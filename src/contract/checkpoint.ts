import { z } from 'zod';

/** The checkpoints that clients may ask for, by the names that they have. */
export const WHICH = ['best', 'latest'] as const;

export type Which = (typeof WHICH)[number];

/** A checkpoint as clients see it. */
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

export type CheckpointResource = z.output<typeof checkpointSchema>;
