import type { NamedArray, TrainingData } from '../contract/arrays.ts';
import type { EpochRecord } from '../contract/history.ts';
import type { TrainingSpec } from '../contract/spec.ts';
import type { Plan } from '../plan/plan.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { Trainable } from './engine.ts';

/** Where training is. Epochs and steps count from 1, steps within the epoch. */
export interface BatchReport {
  readonly epoch: number;
  readonly step: number;
  /** Training loss: mean over the rows of the epoch so far, as in Keras' progress bar. */
  readonly loss: number;
}

/** What the caller is told. A promise is waited for: the chance to let timers and messages through. */
export interface Report {
  /** After each batch; also after each validation batch, then with what the last training batch gave. */
  onBatch(report: BatchReport): void | Promise<void>;
  /** After an epoch's checkpoint and history are saved. */
  onEpoch(record: EpochRecord): void | Promise<void>;
}

/** Everything that training needs. */
export interface TrainingRun {
  readonly plan: Plan;
  readonly spec: TrainingSpec;
  readonly data: TrainingData;
  readonly engine: Trainable;
  /** What a run starts with, in the order of the plan's weights; not asked where training goes on from a checkpoint. */
  readonly initialWeights: () => readonly NamedArray[];
  readonly store: CheckpointStore;
  /** Looked at before each batch. Its reason is thrown; when that is a HandOver, a checkpoint is saved first, also in mid-epoch. */
  readonly signal: AbortSignal;
  readonly report: Report;
}
