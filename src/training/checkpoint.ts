import type { NamedArray } from '../contract/arrays.ts';
import type { EpochRecord, MetricPoint } from '../contract/history.ts';
import type { RunState } from './state.ts';

/** A run at one step, complete: training goes on from it as if it had never stopped. */
export interface Checkpoint {
  readonly state: RunState;
  readonly weights: readonly NamedArray[];
  readonly optimizer: readonly NamedArray[];
}

/** Where the loop keeps what it has done. Whatever these throw ends the training. */
export interface CheckpointStore {
  /** The newest checkpoint that is whole; null at the start of a run. */
  loadNewest(): Promise<Checkpoint | null>;
  loadStep(step: number): Promise<Checkpoint>;
  /** Writes the checkpoint whole or not at all, then drops those of steps that are not in `keepSteps`. */
  save(checkpoint: Checkpoint, keepSteps: readonly number[]): Promise<void>;
  /**
   * Publishes a finished epoch; its checkpoint is saved by then. Should the process end in between, record and points are found
   * in that checkpoint's state.
   */
  appendHistory(record: EpochRecord, points: readonly MetricPoint[]): Promise<void>;
}
