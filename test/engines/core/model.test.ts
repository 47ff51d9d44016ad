import { describe, expect, it } from 'vitest';
import { optimizerSchema } from '../../../src/contract/optimizer.ts';
import { distance, makeBatch, start } from './batch.ts';
import { engines } from './engines.ts';
import { PLANS } from './plans.ts';

const optimizer = optimizerSchema.parse({ type: 'sgd', learning_rate: 0.1 });
const { plan, rows } = PLANS[4]!;
const step = {
  learningRate: 0.1,
  iteration: 0,
  dropoutMasks: plan.dropoutSites.map(({ width }) => new Float32Array(rows * width).fill(1)),
};

describe.each(engines())('core $info.variant', (engine) => {
  const withTrainable = (test: (trainable: ReturnType<typeof start>) => void) => () => {
    const trainable = start(engine, plan, optimizer, rows);
    try {
      test(trainable);
    } finally {
      trainable.dispose();
    }
  };

  it(
    'predicts any number of rows, each as it would alone',
    withTrainable((trainable) => {
      const { inputs } = makeBatch(plan, 3 * rows + 1, 2);
      const all = trainable.predict(inputs, 3 * rows + 1);
      const last = trainable.predict(inputs.subarray(3 * rows * plan.input.timesteps), 1);
      expect(all).toHaveLength((3 * rows + 1) * plan.output.units);
      expect(distance(all.subarray(-plan.output.units), last)).toBe(0);
    }),
  );

  it(
    'does not change the weights when it evaluates',
    withTrainable((trainable) => {
      const before = trainable.getWeights();
      trainable.evaluateBatch(makeBatch(plan, rows, 1));
      expect(trainable.getWeights()).toEqual(before);
    }),
  );

  it(
    'refuses more rows than it was laid out for, and missing dropout masks',
    withTrainable((trainable) => {
      expect(() => trainable.evaluateBatch(makeBatch(plan, rows + 1, 1))).toThrow(`a batch of ${rows + 1} rows: expected at most ${rows}`);
      expect(() => trainable.trainBatch(makeBatch(plan, rows, 1), { ...step, dropoutMasks: [] })).toThrow('0 dropout masks: expected 41');
    }),
  );

  it(
    'refuses weights of another model, and keeps its own',
    withTrainable((trainable) => {
      const before = trainable.getWeights();
      const renamed = before.map((array, i) => (i === 3 ? { ...array, name: 'lstm_9/kernel' } : array));
      expect(() => trainable.setWeights(renamed)).toThrow(RangeError);
      expect(() => trainable.setWeights(before.slice(1))).toThrow(RangeError);
      expect(trainable.getWeights()).toEqual(before);
    }),
  );

  it(
    'hands on a loss that is no number',
    withTrainable((trainable) => {
      trainable.setWeights(trainable.getWeights().map((array) => ({ ...array, data: array.data.map(() => Number.NaN) })));
      expect(trainable.evaluateBatch(makeBatch(plan, rows, 1)).loss).toBeNaN();
    }),
  );
});
