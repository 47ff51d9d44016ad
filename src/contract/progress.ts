import { z } from 'zod';
import { PHASES } from './job.ts';

/** How far a running training is. Epochs count from 1, steps within the epoch. */
export const progressSchema = z.object({
  /** Of the worker that says so: what an older claim says counts no more. */
  claim: z.int(),
  phase: z.enum(PHASES),
  epoch: z.int(),
  epochs: z.int(),
  step: z.int(),
  stepsPerEpoch: z.int(),
  etaAt: z.string().nullable(),
});

export type Progress = Readonly<z.infer<typeof progressSchema>>;
