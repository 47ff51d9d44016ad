import type { EpochRecord, Logs, MetricPoint } from '../contract/history.ts';
import type { TrainingSpec } from '../contract/spec.ts';
import { keptEpochs } from '../plan/extent.ts';
import { advanceEarlyStopping, type EarlyStopping, initialEarlyStopping } from './early-stopping.ts';
import { type Best, isImprovement } from './monitor.ts';
import { advancePlateau, initialPlateau, type Plateau } from './plateau.ts';

/*
 *   initialState --> advance --> advance --> ... --> isFinished
 *                      ^ one finished epoch each
 *
 * Everything that the loop needs to go on, apart from weights and optimizer slots. It is plain JSON: doubles survive, and what is
 * not a finite number is null.
 */

/** What some batches have brought. */
export interface Tally {
  /** Batches done. */
  readonly batch: number;
  /** Rows in those batches, and the sums of loss and metrics over them. */
  readonly rows: number;
  readonly sums: readonly (number | null)[];
}

/** A place inside an unfinished epoch. */
export interface Cursor extends Tally {
  /** Of the validation, once it has begun: all batches of training are done then. */
  readonly validation?: Tally;
}

export interface RunState {
  readonly version: 1;
  /** Optimizer steps done. Also the name of the checkpoint that holds this state. */
  readonly step: number;
  /** null between epochs. */
  readonly cursor: Cursor | null;
  /** Of the next step; a float32, as in Keras. */
  readonly learningRate: number;
  /** By the monitor of callbacks.checkpoint. */
  readonly best: Best | null;
  readonly earlyStopping: EarlyStopping;
  readonly plateau: Plateau;
  /** One record for each finished epoch. */
  readonly history: readonly EpochRecord[];
  /** Of the newest epoch: the unfinished one, or else the last. */
  readonly points: readonly MetricPoint[];
  /** The step of the checkpoint whose weights the model ends with, if training ends here. */
  readonly modelStep: number;
}

export interface EpochResult {
  readonly step: number;
  readonly logs: Logs;
  readonly points: readonly MetricPoint[];
}

export function initialState({ training }: TrainingSpec): RunState {
  return {
    version: 1,
    step: 0,
    cursor: null,
    learningRate: Math.fround(training.optimizer.learning_rate),
    best: null,
    earlyStopping: initialEarlyStopping,
    plateau: initialPlateau,
    history: [],
    points: [],
    modelStep: 0,
  };
}

/** The state after one more finished epoch. */
export function advance(state: RunState, { step, logs, points }: EpochResult, { callbacks }: TrainingSpec): RunState {
  const { checkpoint, early_stopping, reduce_lr_on_plateau } = callbacks;
  const epoch = state.history.length + 1;
  const value = (monitor: string): number | null => logs[monitor] ?? null;
  const isBest = isImprovement(checkpoint.monitor, value(checkpoint.monitor), state.best?.value ?? null);
  const earlyStopping = early_stopping
    ? advanceEarlyStopping(state.earlyStopping, early_stopping, { epoch, step, value: value(early_stopping.monitor) })
    : state.earlyStopping;
  const { plateau, learningRate } = reduce_lr_on_plateau
    ? advancePlateau(state.plateau, reduce_lr_on_plateau, value(reduce_lr_on_plateau.monitor), state.learningRate)
    : state;
  return {
    version: 1,
    step,
    cursor: null,
    learningRate,
    best: isBest ? { epoch, step, value: value(checkpoint.monitor) } : state.best,
    earlyStopping,
    plateau,
    history: [...state.history, { epoch, step, logs: { ...logs, learning_rate: state.learningRate } }],
    points,
    modelStep: early_stopping?.restore_best_weights ? (earlyStopping.best?.step ?? step) : step,
  };
}

export const isFinished = (state: RunState, { training }: TrainingSpec): boolean =>
  state.cursor === null && (state.history.length >= training.epochs || state.earlyStopping.stopped);

/** The steps whose checkpoints are still needed: this state's, those of the newest epochs, and the best ones. */
export function keepSteps(state: RunState, spec: TrainingSpec): number[] {
  const kept = state.history.slice(-keptEpochs(spec)).map(({ step }) => step);
  const best = [state.best, state.earlyStopping.best].flatMap((found) => found?.step ?? []);
  return [...new Set([...kept, ...best, state.step])].sort((a, b) => a - b);
}
