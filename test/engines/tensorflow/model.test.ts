import { describe, expect, it } from 'vitest';
import type { NamedArray } from '../../../src/contract/arrays.ts';
import { optimizerSchema } from '../../../src/contract/optimizer.ts';
import { loadTensorflow } from '../../../src/engines/tensorflow/engine.ts';
import { type Plan, planModel } from '../../../src/plan/plan.ts';
import type { Batch, Engine } from '../../../src/training/engine.ts';
import { referenceEngine } from '../../reference/engine.ts';
import { largestDifference, lstm, numberBatch, ROWS, someMasks, someWeights, tokenBatch, tokenPlan } from './problems.ts';
import { tensorflow } from './tensorflow.ts';

/** With a learning rate of 1 the weights move by the gradient. */
const SGD = optimizerSchema.parse({ type: 'sgd', learning_rate: 1 });

const hidden = { units: 4, activation: 'tanh', dropout: 0.4 } as const;
const sequences = { kind: 'numeric', timesteps: 7, features: 2 } as const;
const oneStep = { kind: 'numeric', timesteps: 1, features: 1 } as const;
const PLANS: Record<string, Plan> = {
  'one layer': tokenPlan([lstm(4)]),
  'dropout of the inputs': tokenPlan([lstm(4, { dropout: 0.5 })]),
  'recurrent dropout': tokenPlan([lstm(4, { recurrent_dropout: 0.5 })]),
  'dropout of inputs and state, both ways, stacked': tokenPlan([
    lstm(3, { dropout: 0.3, recurrent_dropout: 0.4, bidirectional: true }),
    lstm(2, { dropout: 0.3, recurrent_dropout: 0.4 }),
  ]),
  'masked, with dropout everywhere': tokenPlan(
    [lstm(3, { dropout: 0.3, bidirectional: true }), lstm(2, { recurrent_dropout: 0.4, bidirectional: true })],
    { maskZero: true, dense: [hidden] },
  ),
  'hidden layers with dropout': tokenPlan([lstm(3)], {
    dense: [
      hidden,
      { ...hidden, activation: 'relu' },
      { ...hidden, activation: 'sigmoid' },
      { ...hidden, activation: 'linear', dropout: 0 },
    ],
  }),
  'numbers, weighted squares': planModel({ embedding: null, lstm: [lstm(3)], dense: [] }, sequences, 2, 'mean_squared_error'),
  'numbers, huber': planModel({ embedding: null, lstm: [lstm(3)], dense: [] }, sequences, 1, 'huber'),
  'eight layers': tokenPlan(Array.from({ length: 8 }, () => lstm(2))),
  'recurrent dropout over one step of one number': planModel(
    { embedding: null, lstm: [lstm(1, { recurrent_dropout: 0.5 })], dense: [] },
    oneStep,
    1,
    'mean_absolute_error',
  ),
};

describe.skipIf(!tensorflow)('the tensorflow engine', () => {
  const engine = tensorflow ? loadTensorflow(() => {}) : referenceEngine;

  it.each(Object.entries(PLANS))('has the losses, predictions and gradients of the reference: %s', (_, plan) => {
    const batch = batchFor(plan);
    const masks = someMasks(plan, ROWS);
    const [ours, theirs] = [stepOf(engine, plan, batch, masks), stepOf(referenceEngine, plan, batch, masks)];
    expect(ours.loss).toBeCloseTo(theirs.loss, 5);
    expect(largestDifference([asArray(ours.outputs)], [asArray(theirs.outputs)])).toBeLessThan(1e-6);
    expect(largestDifference(ours.weights, theirs.weights)).toBeLessThan(2e-6);
    expect(largestDifference(ours.weights, someWeights(plan))).toBeGreaterThan(1e-3);
  });

  it('drops at every site: leaving any one mask out changes the loss', () => {
    const plan = PLANS['masked, with dropout everywhere'] as Plan;
    const masks = someMasks(plan, ROWS);
    const whole = stepOf(engine, plan, tokenBatch(), masks).loss;
    expect(plan.dropoutSites).toHaveLength(11);
    for (const [site] of masks.entries()) {
      const others = masks.map((mask, index) => (index === site ? mask.slice().fill(1) : mask));
      expect(Math.abs(stepOf(engine, plan, tokenBatch(), others).loss - whole), `site ${site}`).toBeGreaterThan(1e-6);
    }
  });

  it('drops nothing when it evaluates or predicts', () => {
    const plan = PLANS['masked, with dropout everywhere'] as Plan;
    const batch = tokenBatch();
    const model = engine.compile(plan, SGD, ROWS);
    model.setWeights(someWeights(plan));
    const { loss, outputs } = model.evaluateBatch(batch);
    const ones = someMasks(plan, ROWS).map((mask) => mask.fill(1));
    const undropped = stepOf(engine, plan, batch, ones);
    expect(largestDifference([asArray(outputs)], [asArray(undropped.outputs)])).toBeLessThan(1e-6);
    expect(loss).toBeCloseTo(undropped.loss, 6);
    expect(model.predict(batch.inputs, ROWS)).toEqual(outputs);
    model.dispose();
  });

  it('keeps its own copy of what it is given', () => {
    const plan = PLANS['one layer'] as Plan;
    const weights = someWeights(plan);
    const before = weights.map((weight) => ({ ...weight, data: weight.data.slice() }));
    const model = engine.compile(plan, SGD, ROWS);
    model.setWeights(weights);
    model.trainBatch(tokenBatch(), { learningRate: 1, iteration: 0, dropoutMasks: [] });
    expect(weights).toEqual(before);
    const trained = model.getWeights();
    for (const { data } of weights) data.fill(Number.NaN);
    expect(model.getWeights()).toEqual(trained);
    model.dispose();
  });
});

const batchFor = (plan: Plan): Batch => (plan.input.kind === 'tokens' ? tokenBatch() : numberBatch(plan));

const asArray = (data: Float32Array): NamedArray => ({ name: '', shape: [data.length], data });

function stepOf(engine: Engine, plan: Plan, batch: Batch, dropoutMasks: readonly Float32Array[]) {
  const model = engine.compile(plan, SGD, batch.rows);
  try {
    model.setWeights(someWeights(plan));
    const { loss, outputs } = model.trainBatch(batch, { learningRate: 1, iteration: 0, dropoutMasks });
    return { loss, outputs: outputs.slice(), weights: model.getWeights() };
  } finally {
    model.dispose();
  }
}
