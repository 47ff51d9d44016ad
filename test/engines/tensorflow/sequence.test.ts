import { describe, expect, it } from 'vitest';
import { timeMajor, withoutMasked } from '../../../src/engines/tensorflow/sequence.ts';

describe('a sequence', () => {
  it('puts time before rows', () => {
    const { steps, timesteps, rows, lengths } = timeMajor(Int32Array.of(1, 2, 3, 4, 5, 6), 2, 3, 1);
    expect({ steps: [...steps], timesteps, rows, lengths }).toEqual({ steps: [1, 4, 2, 5, 3, 6], timesteps: 3, rows: 2, lengths: null });
    expect([...timeMajor(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2, 2, 2).steps]).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
  });

  it('leaves masked steps out, wherever they are', () => {
    const { steps, timesteps, lengths } = withoutMasked(Int32Array.of(0, 5, 0, 7, 0, 0, 6, 0, 0, 0, 0, 0), 3, 4);
    expect({ steps: [...steps], timesteps, lengths: [...(lengths ?? [])] }).toEqual({
      steps: [5, 6, 0, 7, 0, 0],
      timesteps: 2,
      lengths: [2, 1, 0],
    });
  });

  it('keeps one step when every row is padding', () => {
    expect(withoutMasked(new Int32Array(4), 2, 2)).toMatchObject({ timesteps: 1, lengths: new Int32Array(2) });
  });
});
