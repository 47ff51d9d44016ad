import { describe, expect, it } from 'vitest';
import type { LossName } from '../../../src/contract/spec.ts';
import { judgeOf } from '../../../src/engines/tensorflow/losses.ts';
import type { Activation } from '../../../src/plan/plan.ts';
import type { Batch } from '../../../src/training/engine.ts';

const PAIRS: [LossName, Activation, number][] = [
  ['binary_crossentropy', 'sigmoid', 1],
  ['binary_crossentropy', 'sigmoid', 3],
  ['sparse_categorical_crossentropy', 'softmax', 4],
  ['mean_squared_error', 'linear', 2],
  ['mean_squared_error', 'sigmoid', 1],
  ['mean_absolute_error', 'tanh', 2],
  ['huber', 'linear', 1],
  ['huber', 'relu', 2],
];
const ROWS = 3;

describe('the loss', () => {
  it.each(PAIRS)('of %s on %s with %i outputs has the gradient that differences give', (loss, activation, units) => {
    const judge = judgeOf(loss, { inputSize: 1, units, activation, dropout: 0 });
    const logits = Float32Array.from({ length: ROWS * units }, (_, i) => 3 * Math.sin(2 * i + 1));
    const batch = batchFor(loss, units);
    const { gradient, outputs } = judge(logits, batch);
    expect(outputs).toHaveLength(logits.length);
    for (const [i, z] of logits.entries()) {
      const at = (value: number): number => judge(logits.with(i, value), batch).loss;
      expect(gradient[i], `logit ${i}`).toBeCloseTo((at(z + 0.01) - at(z - 0.01)) / 0.02, 3);
    }
  });

  it('stays finite for logits of any size', () => {
    const judge = judgeOf('binary_crossentropy', { inputSize: 1, units: 1, activation: 'sigmoid', dropout: 0 });
    const { loss, outputs } = judge(Float32Array.of(1000, -1000), {
      ...batchFor('binary_crossentropy', 1),
      targets: Float32Array.of(0, 0),
    });
    expect(loss).toBe(500);
    expect(Array.from(outputs)).toEqual([1, 0]);
    const softmax = judgeOf('sparse_categorical_crossentropy', { inputSize: 1, units: 2, activation: 'softmax', dropout: 0 });
    expect(
      softmax(Float32Array.of(1000, -1000), { ...batchFor('huber', 1), rows: 1, targets: Float32Array.of(1), sampleWeights: null }).loss,
    ).toBe(2000);
  });

  it('is a weighted sum over rows, divided by their number', () => {
    const judge = judgeOf('mean_absolute_error', { inputSize: 1, units: 1, activation: 'linear', dropout: 0 });
    const batch = { rows: 2, inputs: new Float32Array(), targets: Float32Array.of(0, 0), sampleWeights: Float32Array.of(1, 3) };
    expect(judge(Float32Array.of(2, 4), batch).loss).toBe(7);
  });

  it('refuses an activation that does not fit', () => {
    const linear = { inputSize: 1, units: 1, activation: 'linear', dropout: 0 } as const;
    expect(() => judgeOf('binary_crossentropy', linear)).toThrow('loss binary_crossentropy on an output layer with activation linear');
  });
});

function batchFor(loss: LossName, units: number): Batch {
  const targets =
    loss === 'sparse_categorical_crossentropy'
      ? Float32Array.of(0, 3, 1)
      : Float32Array.from({ length: ROWS * units }, (_, i) => (loss === 'binary_crossentropy' ? i % 2 : Math.cos(i)));
  return { rows: ROWS, inputs: new Float32Array(), targets, sampleWeights: Float32Array.of(1, 0.5, 2) };
}
