import { describe, expect, it } from 'vitest';
import { batchMetric } from '../../src/training/metrics.ts';

const batch = (rows: number, outputs: number[], targets: number[]) => ({
  rows,
  outputs: Float32Array.from(outputs),
  targets: Float32Array.from(targets),
});

describe('accuracy', () => {
  it('of one sigmoid counts a prediction above 0.5 as class 1, and 0.5 itself as class 0', () => {
    const predicted = batch(5, [0.5, 0.5, 0.50001, 0.2, Number.NaN], [0, 1, 1, 0, 0]);
    expect(batchMetric('accuracy', 'binary_crossentropy', predicted)).toBe(4 / 5);
  });

  it('of a softmax takes the largest output, the first of several', () => {
    const predicted = batch(3, [0.4, 0.4, 0.2, 0.1, 0.2, 0.7, 0.3, 0.3, 0.4], [0, 2, 1]);
    expect(batchMetric('accuracy', 'sparse_categorical_crossentropy', predicted)).toBe(2 / 3);
  });
});

describe('errors', () => {
  it('are means over all outputs of all rows', () => {
    const predicted = batch(2, [1, 2, 3, 4], [1, 0, 0, 8]);
    expect(batchMetric('mean_absolute_error', 'huber', predicted)).toBe(9 / 4);
    expect(batchMetric('mean_squared_error', 'huber', predicted)).toBe(29 / 4);
  });

  it('of a softmax compare the class index with every output, as Keras does', () => {
    const predicted = batch(2, [0.5, 0.5, 0.25, 0.75], [1, 2]);
    expect(batchMetric('mean_absolute_error', 'sparse_categorical_crossentropy', predicted)).toBe((0.5 + 0.5 + 1.75 + 1.25) / 4);
  });
});
