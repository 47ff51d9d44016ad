import type { TrainingSpec } from '../contract/spec.ts';

/* What is kept of a run, of all that its training gives. */

/** Points of metrics that are kept of each epoch, at most. */
export const POINTS_PER_EPOCH = 50;

/** The newest epochs whose checkpoints stay: the last, and the one before it should the last be damaged; more if the spec says so. */
export function keptEpochs({ training: { epochs }, callbacks: { checkpoint } }: TrainingSpec): number {
  return checkpoint.save_best_only ? 2 : Math.max(2, Math.min(checkpoint.keep_last ?? epochs, epochs));
}
