import type { EpochRecord, MetricPoint } from '../contract/history.ts';
import type { Spec, TrainingSpec } from '../contract/spec.ts';

/* How much there is of a run: its steps, what is kept of them, and the bytes that this takes on disk. */

/** The last batch may be smaller than the others. */
export const countBatches = (rows: number, batchSize: number): number => Math.ceil(rows / batchSize);

/** Points of metrics that are kept of each epoch, at most. */
export const POINTS_PER_EPOCH = 50;

/** The newest epochs whose checkpoints stay: the last, and the one before it should the last be damaged; more if the spec says so. */
export function keptEpochs({ training: { epochs }, callbacks: { checkpoint } }: TrainingSpec): number {
  return checkpoint.save_best_only ? 2 : Math.max(2, Math.min(checkpoint.keep_last ?? epochs, epochs));
}

/** What file systems give a small file. */
const BLOCK = 4096;

/** Four files and their folder. */
const BLOCKS_PER_CHECKPOINT = 5;

/**
 * What a run takes on disk at most, in bytes: its checkpoints, each with the whole history in its state, so that those of a run that
 * keeps all of them grow with the square of its epochs; its history and its metrics. `arrayBytes`: of weights and optimizer slots.
 */
export function estimateDisk(spec: TrainingSpec, steps: number, arrayBytes: number): number {
  const { epochs } = spec.training;
  const record = JSON.stringify(typicalRecord(spec.training, steps)).length + 1;
  const points = Math.min(POINTS_PER_EPOCH, Math.ceil(steps / epochs)) * (JSON.stringify(typicalPoint(epochs, steps)).length + 1);
  // The newest ones, those of both bests, and one that is being written.
  const checkpoints = Math.min(keptEpochs(spec) + 2, epochs) + 1;
  const records = (checkpoints * (2 * epochs - checkpoints + 1)) / 2;
  return checkpoints * (arrayBytes + points + BLOCKS_PER_CHECKPOINT * BLOCK) + (Math.max(records, 0) + epochs) * record + epochs * points;
}

const NUMBER = 0.1234567890123456;

function typicalRecord({ epochs, metrics }: Spec['training'], step: number): EpochRecord {
  const names = ['loss', ...metrics].flatMap((name) => [name, `val_${name}`]);
  return { epoch: epochs, step, logs: { ...Object.fromEntries(names.map((name) => [name, NUMBER])), learning_rate: NUMBER } };
}

const typicalPoint = (epoch: number, step: number): MetricPoint => ({ epoch, step, loss: NUMBER });
