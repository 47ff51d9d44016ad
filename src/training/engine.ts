import type { NamedArray } from '../contract/arrays.ts';
import type { EngineInfo } from '../contract/engine-info.ts';
import type { OptimizerSpec } from '../contract/optimizer.ts';
import type { Plan } from '../plan/plan.ts';

/*
 *   Plan + OptimizerSpec --compile--> Trainable
 *                                       |  trainBatch(batch, step)  forward, backward, one optimizer step
 *                                       |  evaluateBatch(batch)     forward and loss
 *                                       |  predict(inputs, rows)    forward
 *                                       `- weights and optimizer state in and out, as named arrays
 *
 * An engine owns arithmetic and nothing else: the loop owns order, dropout masks, learning rate, metrics and time.
 * Calls are synchronous: training has a process of its own and looks up between batches.
 */

/** Rows in batch-major, row-major order. Arrays may be views that the loop reuses: an engine copies what it keeps. */
export interface Batch {
  /** B: may be smaller than in other batches. */
  readonly rows: number;
  /** Token ids [B, T], or numbers [B, T, F]. */
  readonly inputs: Int32Array | Float32Array;
  /** [B, 1] class index or 0/1 label, or [B, output units] for regression. */
  readonly targets: Float32Array;
  /** Class weights, [B]; null means all 1. The loss is sum(weight * loss) / B, as in Keras. */
  readonly sampleWeights: Float32Array | null;
}

export interface TrainingStep {
  readonly learningRate: number;
  /** Optimizer steps done before this one: 0 at the first. */
  readonly iteration: number;
  /** One mask [B, width] for each of `Plan.dropoutSites`, in that order. */
  readonly dropoutMasks: readonly Float32Array[];
}

export interface BatchResult {
  /** Mean loss of the batch, computed before the weights move. May be NaN or infinite. */
  readonly loss: number;
  /** Predictions after the output activation, [B, output units]. Valid until the next call. */
  readonly outputs: Float32Array;
}

/**
 * A compiled model. What is given to it must be of the sizes and types of its plan, at most `maxRows` rows a batch: else RangeError. Values
 * that the plan cannot be computed over (data-range.ts) are DataOutOfRange, with the place within what was given. Either leaves weights
 * and optimizer as they were.
 */
export interface Trainable {
  /** Throws DataOutOfRange and RangeError. */
  trainBatch(batch: Batch, step: TrainingStep): BatchResult;
  /** Throws DataOutOfRange and RangeError. */
  evaluateBatch(batch: Batch): BatchResult;
  /** [rows, output units], for any number of rows. Throws DataOutOfRange and RangeError. */
  predict(inputs: Int32Array | Float32Array, rows: number): Float32Array;
  /** In the order of `Plan.weights`, under its names. */
  getWeights(): NamedArray[];
  /** Throws RangeError when a name or a shape is not the plan's. */
  setWeights(weights: readonly NamedArray[]): void;
  /** Everything of the optimizer that the iteration number does not say. Names such as "lstm/lstm_cell/kernel:velocity". */
  getOptimizerState(): NamedArray[];
  /** Throws RangeError when a name or a shape is not the optimizer's. */
  setOptimizerState(state: readonly NamedArray[]): void;
  dispose(): void;
}

export interface Engine {
  readonly info: EngineInfo;
  /** What the bits of this plan's results depend on: a core may choose its instruction set by the plan. */
  infoFor(plan: Plan): EngineInfo;
  /** Buffers may be laid out for at most `maxRows` rows a batch. Throws RangeError when there is no memory for them, or no way to serve the plan. */
  compile(plan: Plan, optimizer: OptimizerSpec, maxRows: number): Trainable;
}
