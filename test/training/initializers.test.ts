import { describe, expect, it } from 'vitest';
import type { NamedArray } from '../../src/contract/arrays.ts';
import { planModel } from '../../src/plan/plan.ts';
import { initialWeights } from '../../src/training/initializers.ts';
import { mean, variance } from './statistics.ts';

const plan = planModel(
  {
    embedding: { output_dim: 32, mask_zero: false },
    lstm: [
      { units: 24, dropout: 0, recurrent_dropout: 0, bidirectional: true },
      { units: 1, dropout: 0, recurrent_dropout: 0, bidirectional: false },
    ],
    dense: [{ units: 200, activation: 'relu', dropout: 0 }],
  },
  { kind: 'tokens', timesteps: 5, vocabulary: 500 },
  1,
  'binary_crossentropy',
);

const weights = initialWeights(plan, 1);
const named = (ending: string, from: readonly NamedArray[] = weights): NamedArray => from.find(({ name }) => name.endsWith(ending))!;

describe('initialWeights', () => {
  it('come in the order of the plan, under its names and shapes', () => {
    expect(weights.map(({ name, shape }) => ({ name, shape }))).toEqual(plan.weights.map(({ name, shape }) => ({ name, shape })));
    for (const { shape, data } of weights) expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
  });

  it.each([
    ['embedding/embeddings', 0.05],
    ['forward_lstm/lstm_cell/kernel', Math.sqrt(6 / (32 + 96))],
    ['dense/kernel', Math.sqrt(6 / (1 + 200))],
  ])('%s is uniform within +-%d', (name, limit) => {
    const { data } = named(name);
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest).toBeGreaterThan(0.97 * limit);
    expect(Math.abs(mean(data)) / limit).toBeLessThan(4 / Math.sqrt(3 * data.length));
    expect(Math.abs((3 * variance(data)) / limit ** 2 - 1)).toBeLessThan(4 / Math.sqrt(data.length));
  });

  it.each(['forward_lstm/lstm_cell/recurrent_kernel', 'backward_lstm/lstm_cell/recurrent_kernel', 'lstm_1/lstm_cell/recurrent_kernel'])(
    'the rows of %s are orthonormal',
    (name) => {
      const { shape, data } = named(name);
      const [units, columns] = shape as [number, number];
      expect(columns).toBe(4 * units);
      for (let a = 0; a < units; a++) {
        for (let b = 0; b <= a; b++) {
          let product = 0;
          for (let i = 0; i < columns; i++) product += data[a * columns + i]! * data[b * columns + i]!;
          expect(Math.abs(product - (a === b ? 1 : 0)), `rows ${a} and ${b}`).toBeLessThan(1e-6);
        }
      }
    },
  );

  it('orthogonal entries are as wide as those of a random rotation, with both signs', () => {
    const { shape, data } = named('forward_lstm/lstm_cell/recurrent_kernel');
    expect(variance(data)).toBeCloseTo(1 / shape[1]!, 4);
    expect(data.filter((value) => value > 0).length / data.length).toBeCloseTo(0.5, 1);
  });

  it('biases are zero but for the forget gate, which starts open', () => {
    const { data } = named('forward_lstm/lstm_cell/bias');
    expect(Array.from(data)).toEqual(Array.from({ length: 96 }, (_, i) => (i >= 24 && i < 48 ? 1 : 0)));
    expect(new Set(named('dense/bias').data)).toEqual(new Set([0]));
  });

  it('depend on the seed alone', () => {
    expect(initialWeights(plan, 1)).toEqual(weights);
    expect(named('dense/kernel', initialWeights(plan, 2)).data).not.toEqual(named('dense/kernel').data);
  });

  it('draw each weight from a stream of its own', () => {
    const forward = named('forward_lstm/lstm_cell/kernel').data;
    expect(named('backward_lstm/lstm_cell/kernel').data).not.toEqual(forward);
  });
});
