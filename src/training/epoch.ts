import { NotFinite } from '../contract/errors.ts';
import { finite, type MetricPoint } from '../contract/history.ts';
import { POINTS_PER_EPOCH } from '../plan/kept.ts';
import { countBatches } from '../plan/steps.ts';
import { type GatherBatch, sliceBatch } from './batches.ts';
import type { DrawMasks } from './dropout.ts';
import { HandOver } from './hand-over.ts';
import { epochOrder } from './order.ts';
import { addBatch, meanLoss, noMeans, type RunningMeans } from './running-means.ts';
import { keepSteps, type RunState } from './state.ts';
import type { TrainingRun } from './training-run.ts';

/** What an unfinished epoch has brought so far. */
export interface EpochInWork {
  /** Batches of this epoch done. */
  batch: number;
  /** Optimizer steps of the run done. */
  step: number;
  readonly means: RunningMeans;
  readonly points: MetricPoint[];
}

/** The next epoch, or the rest of the one that `state` was cut off in. */
export function beginEpoch({ step, cursor, points }: RunState): EpochInWork {
  if (cursor === null) return { batch: 0, step, means: noMeans(), points: [] };
  const means = { rows: cursor.rows, sums: cursor.sums.map((sum) => sum ?? Number.NaN) };
  return { batch: cursor.batch, step, means, points: [...points] };
}

/** Trains the batches that are left, keeping count in `work`. Throws NotFinite, the signal's reason, and what engine, store and report throw. */
export async function trainEpoch(
  run: TrainingRun,
  state: RunState,
  work: EpochInWork,
  gather: GatherBatch,
  drawMasks: DrawMasks,
): Promise<void> {
  const { spec, data, engine, signal } = run;
  const epoch = state.history.length;
  const order = epochOrder(spec.training.seed, epoch, data.train.rows);
  const steps = countBatches(data.train.rows, spec.training.batch_size);
  while (work.batch < steps) {
    if (signal.aborted) await interrupt(run, state, work);
    const batch = gather(order, work.batch);
    const masks = drawMasks(work.step, batch.rows);
    const result = engine.trainBatch(batch, { learningRate: state.learningRate, iteration: work.step, dropoutMasks: masks });
    work.batch += 1;
    work.step += 1;
    if (spec.callbacks.terminate_on_nan) assertFinite('loss', result.loss, epoch, work.batch, steps);
    addBatch(work.means, spec.training, batch, result);
    if (isPoint(work.batch, steps)) work.points.push({ epoch: epoch + 1, step: work.step, loss: finite(result.loss) });
    await reportBatch(run, state, work);
  }
}

/**
 * Loss and metrics over the validation rows. A HandOver waits until the epoch is whole. Throws NotFinite, the signal's
 * other reasons, and what engine and report throw.
 */
export async function evaluate(run: TrainingRun, state: RunState, work: EpochInWork): Promise<RunningMeans> {
  const { spec, data, engine, signal } = run;
  const means = noMeans();
  const batches = countBatches(data.validation.rows, spec.training.batch_size);
  for (let index = 0; index < batches; index++) {
    if (signal.aborted && !(signal.reason instanceof HandOver)) throw signal.reason;
    const batch = sliceBatch(data.validation, spec.training.batch_size, index);
    const result = engine.evaluateBatch(batch);
    if (spec.callbacks.terminate_on_nan) assertFinite('val_loss', result.loss, state.history.length, index + 1, batches);
    addBatch(means, spec.training, batch, result);
    await reportBatch(run, state, work);
  }
  return means;
}

export const saveCheckpoint = ({ spec, engine, store }: TrainingRun, state: RunState): Promise<void> =>
  store.save({ state, weights: engine.getWeights(), optimizer: engine.getOptimizerState() }, keepSteps(state, spec));

/** Throws the signal's reason. A hand-over in mid-epoch is saved before, so that not one batch is trained twice. */
async function interrupt(run: TrainingRun, state: RunState, { batch, step, means, points }: EpochInWork): Promise<never> {
  if (run.signal.reason instanceof HandOver && step > state.step) {
    const cursor = { batch, rows: means.rows, sums: means.sums.map(finite) };
    await saveCheckpoint(run, { ...state, step, cursor, points });
  }
  throw run.signal.reason;
}

async function reportBatch({ spec, data, report }: TrainingRun, { history }: RunState, { batch, means }: EpochInWork): Promise<void> {
  const { epochs, batch_size } = spec.training;
  const stepsPerEpoch = countBatches(data.train.rows, batch_size);
  await report.onBatch({ epoch: history.length + 1, epochs, step: batch, stepsPerEpoch, loss: meanLoss(means) });
}

function assertFinite(name: string, value: number, epoch: number, batch: number, batches: number): void {
  if (Number.isFinite(value)) return;
  throw new NotFinite(`${name} is ${value} at batch ${batch} of ${batches} in epoch ${epoch + 1}: expected a finite number`);
}

/** Spreads the points evenly over the batches (counted from 1); the last one is always a point. */
const isPoint = (batch: number, batches: number): boolean =>
  Math.floor((batch * POINTS_PER_EPOCH) / batches) > Math.floor(((batch - 1) * POINTS_PER_EPOCH) / batches);
