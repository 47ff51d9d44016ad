import { describe, expect, it } from 'vitest';
import { type OptimizerSpec, optimizerSchema } from '../../../src/contract/optimizer.ts';
import { dropoutMasks } from '../../../src/training/dropout.ts';
import type { Trainable } from '../../../src/training/engine.ts';
import { referenceEngine } from '../../reference/engine.ts';
import { distance, makeBatch, start } from './batch.ts';
import { engines } from './engines.ts';
import { PLANS } from './plans.ts';

const OPTIMIZERS = [
  { type: 'rmsprop', learning_rate: 0.01 },
  { type: 'rmsprop', learning_rate: 0.01, centered: true, momentum: 0.5, clipvalue: 0.01 },
  { type: 'rmsprop', learning_rate: 0.01, centered: true, global_clipnorm: 0.05 },
  { type: 'adam', learning_rate: 0.01, clipnorm: 0.02 },
  { type: 'adam', learning_rate: 0.01, amsgrad: true, weight_decay: 0.1 },
  { type: 'adamw', learning_rate: 0.01, global_clipnorm: 0.03 },
  { type: 'nadam', learning_rate: 0.01 },
  { type: 'sgd', learning_rate: 0.5, clipvalue: 0.02 },
  { type: 'sgd', learning_rate: 0.5, momentum: 0.9, global_clipnorm: 0.1 },
  { type: 'sgd', learning_rate: 0.5, momentum: 0.9, nesterov: true },
  { type: 'adagrad', learning_rate: 0.1, initial_accumulator_value: 0.2, weight_decay: 0.01 },
].map((spec): OptimizerSpec => optimizerSchema.parse(spec));

const STEPS = 4;
const pairs = PLANS.flatMap((plan, i) => [0, 1, 2].map((n) => ({ ...plan, optimizer: OPTIMIZERS[(3 * i + n) % OPTIMIZERS.length]! })));

describe.each(engines())('core $info.variant', (engine) => {
  it.each(pairs)('trains $title with $optimizer.type as the reference does', ({ plan, rows, optimizer }) => {
    const [ours, theirs] = [start(engine, plan, optimizer, rows), start(referenceEngine, plan, optimizer, rows)];
    const masks = dropoutMasks(plan.dropoutSites, 5, rows);
    for (let iteration = 0; iteration < STEPS; iteration++) {
      const batch = makeBatch(plan, iteration === 2 ? Math.ceil(rows / 2) : rows, iteration);
      const step = { learningRate: optimizer.learning_rate, iteration, dropoutMasks: masks(iteration, batch.rows) };
      const [a, b] = [ours.trainBatch(batch, step), theirs.trainBatch(batch, step)];
      expect(Math.abs(a.loss - b.loss), `loss of step ${iteration}`).toBeLessThan(1e-5 * Math.max(Math.abs(b.loss), 1));
      expect(distance(a.outputs, b.outputs), `outputs of step ${iteration}`).toBeLessThan(1e-4);
    }
    expectSame(ours, theirs);
    const batch = makeBatch(plan, rows, 9);
    expect(ours.evaluateBatch(batch).loss).toBeCloseTo(theirs.evaluateBatch(batch).loss, 4);
    expect(distance(ours.predict(batch.inputs, rows), theirs.predict(batch.inputs, rows))).toBeLessThan(1e-4);
    ours.dispose();
  });
});

function expectSame(ours: Trainable, theirs: Trainable): void {
  for (const [i, { name, data }] of theirs.getWeights().entries()) {
    expect(distance(ours.getWeights()[i]!.data, data), name).toBeLessThan(1e-4);
  }
  const state = new Map(theirs.getOptimizerState().map(({ name, data }) => [name, data]));
  for (const { name, data } of ours.getOptimizerState()) expect(distance(data, state.get(name)!), name).toBeLessThan(1e-4);
}
