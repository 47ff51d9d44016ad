import { NotFinite } from '../contract/errors.ts';
import { finite, type MetricPoint } from '../contract/history.ts';
import { countBatches, POINTS_PER_EPOCH } from '../plan/extent.ts';
import { type GatherBatch, sliceBatch } from './batches.ts';
import type { DrawMasks } from './dropout.ts';
import { HandOver } from './hand-over.ts';
import { epochOrder } from './order.ts';
import { addBatch, meanLoss, noMeans, type RunningMeans } from './running-means.ts';
import { keepSteps, type RunState, type Tally } from './state.ts';
import type { TrainingRun } from './training-run.ts';

interface BatchesInWork {
  /** Batches done. */
  batch: number;
  readonly means: RunningMeans;
}

/** What an unfinished epoch has brought so far. */
export interface EpochInWork extends BatchesInWork {
  /** Optimizer steps of the run done. */
  step: number;
  readonly points: MetricPoint[];
  readonly validation: BatchesInWork;
}

/** The next epoch, or the rest of the one that `state` was cut off in. */
export function beginEpoch({ step, cursor, points }: RunState): EpochInWork {
  return { ...batchesOf(cursor), step, points: cursor === null ? [] : [...points], validation: batchesOf(cursor?.validation ?? null) };
}

function batchesOf(tally: Tally | null): BatchesInWork {
  if (tally === null) return { batch: 0, means: noMeans() };
  return { batch: tally.batch, means: { rows: tally.rows, sums: tally.sums.map((sum) => sum ?? Number.NaN) } };
}

const tallyOf = ({ batch, means }: BatchesInWork): Tally => ({ batch, rows: means.rows, sums: means.sums.map(finite) });

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

/** Evaluates the batches of the validation rows that are left, keeping count in `work`. Throws NotFinite, the signal's reason, and what engine and report throw. */
export async function evaluate(run: TrainingRun, state: RunState, work: EpochInWork): Promise<void> {
  const { spec, data, engine, signal } = run;
  const { validation } = work;
  const batches = countBatches(data.validation.rows, spec.training.batch_size);
  while (validation.batch < batches) {
    if (signal.aborted) await interrupt(run, state, work);
    const batch = sliceBatch(data.validation, spec.training.batch_size, validation.batch);
    const result = engine.evaluateBatch(batch);
    validation.batch += 1;
    if (spec.callbacks.terminate_on_nan) assertFinite('val_loss', result.loss, state.history.length, validation.batch, batches);
    addBatch(validation.means, spec.training, batch, result);
    await reportBatch(run, state, work);
  }
}

export const saveCheckpoint = ({ spec, engine, store }: TrainingRun, state: RunState): Promise<void> =>
  store.save({ state, weights: engine.getWeights(), optimizer: engine.getOptimizerState() }, keepSteps(state, spec));

/** Throws the signal's reason. A hand-over is saved before, so that not one batch is trained or evaluated twice. */
async function interrupt(run: TrainingRun, state: RunState, work: EpochInWork): Promise<never> {
  const { step, points, validation } = work;
  const isNew = step > state.step || validation.batch > (state.cursor?.validation?.batch ?? 0);
  if (run.signal.reason instanceof HandOver && isNew) {
    const cursor = { ...tallyOf(work), ...(validation.batch === 0 ? {} : { validation: tallyOf(validation) }) };
    await saveCheckpoint(run, { ...state, step, cursor, points });
  }
  throw run.signal.reason;
}

async function reportBatch({ report }: TrainingRun, { history }: RunState, { batch, means }: EpochInWork): Promise<void> {
  await report.onBatch({ epoch: history.length + 1, step: batch, loss: meanLoss(means) });
}

function assertFinite(name: string, value: number, epoch: number, batch: number, batches: number): void {
  if (Number.isFinite(value)) return;
  throw new NotFinite(`${name} is ${value} at batch ${batch} of ${batches} in epoch ${epoch + 1}: expected a finite number`);
}

/** Spreads the points evenly over the batches (counted from 1); the last one is always a point. */
const isPoint = (batch: number, batches: number): boolean =>
  Math.floor((batch * POINTS_PER_EPOCH) / batches) > Math.floor(((batch - 1) * POINTS_PER_EPOCH) / batches);
