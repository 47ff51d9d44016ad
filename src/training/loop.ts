import { batchGatherer } from './batches.ts';
import { checkRange } from './data-range.ts';
import { dropoutMasks } from './dropout.ts';
import { beginEpoch, evaluate, saveCheckpoint, trainEpoch } from './epoch.ts';
import { toLogs } from './running-means.ts';
import { advance, initialState, isFinished, type RunState } from './state.ts';
import type { TrainingRun } from './training-run.ts';

export interface Outcome {
  readonly reason: 'completed' | 'early_stopped';
  readonly state: RunState;
}

/**
 * Trains until the last epoch or an early stop, from wherever the store's newest checkpoint left off. The engine then holds the
 * weights of step `state.modelStep`: the restored best or the last. Throws DataOutOfRange, before the first step, when a row does not fit
 * the plan; NotFinite; the signal's reason; and whatever engine, initial weights, store and report throw.
 */
export async function train(run: TrainingRun): Promise<Outcome> {
  const { plan, spec, data, engine, store, report } = run;
  const { batch_size, class_weight, epochs, metrics, seed } = spec.training;
  checkRange(plan, data.train, 'the training data');
  checkRange(plan, data.validation, 'the validation data');
  const gather = batchGatherer(data.train, batch_size, class_weight);
  const drawMasks = dropoutMasks(plan.dropoutSites, seed, batch_size);
  let state = await resume(run);
  while (!isFinished(state, spec)) {
    const work = beginEpoch(state);
    await trainEpoch(run, state, work, gather, drawMasks);
    await evaluate(run, state, work);
    const logs = { ...toLogs(work.means, metrics, ''), ...toLogs(work.validation.means, metrics, 'val_') };
    state = advance(state, { step: work.step, logs, points: work.points }, spec);
    await saveCheckpoint(run, state);
    const record = state.history.at(-1)!;
    await store.appendHistory(record, state.points);
    await report.onEpoch(record);
  }
  if (state.modelStep !== state.step) engine.setWeights((await store.loadStep(state.modelStep)).weights);
  return { reason: state.history.length < epochs ? 'early_stopped' : 'completed', state };
}

/** The state to go on from; the engine holds its weights by then. */
async function resume({ spec, engine, initialWeights, store }: TrainingRun): Promise<RunState> {
  const checkpoint = await store.loadNewest();
  if (checkpoint === null) {
    engine.setWeights(initialWeights());
    return initialState(spec);
  }
  engine.setWeights(checkpoint.weights);
  engine.setOptimizerState(checkpoint.optimizer);
  return checkpoint.state;
}
