import { describe, expect, it } from 'vitest';
import { advance, initialState, isFinished, keepSteps, type RunState } from '../../src/training/state.ts';
import { makeSpec } from './small-run.ts';

const SPEC = makeSpec({ epochs: 5 }, { early_stopping: { monitor: 'val_accuracy', patience: 3 } });

/** The state after epochs of ten steps with these values. */
const after = (epochs: readonly { val_loss: number | null; val_accuracy: number | null }[], spec = SPEC): RunState =>
  epochs.reduce((state, logs) => advance(state, { step: state.step + 10, logs, points: [] }, spec), initialState(spec));

const FOUR = [
  { val_loss: 3, val_accuracy: 0.5 },
  { val_loss: 1, val_accuracy: 0.9 },
  { val_loss: 2, val_accuracy: 0.8 },
  { val_loss: 2, val_accuracy: 0.7 },
];

describe('a run state', () => {
  it('begins with the learning rate as a float32', () => {
    expect(initialState(makeSpec({ optimizer: { type: 'rmsprop' } })).learningRate).toBe(Math.fround(0.0001));
  });

  it('is left as it was by advance', () => {
    const state = after(FOUR);
    const before = structuredClone(state);
    advance(state, { step: 50, logs: { val_loss: 0, val_accuracy: 1 }, points: [] }, SPEC);
    expect(state).toEqual(before);
  });

  it('survives JSON as it is', () => {
    const state = after([...FOUR, { val_loss: null, val_accuracy: 1 / 3 }]);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('follows each callback by its own monitor', () => {
    const state = after([...FOUR.slice(0, 2), { val_loss: 0.5, val_accuracy: 0.9 }]);
    expect(state.best).toEqual({ epoch: 3, step: 30, value: 0.5 });
    expect(state.earlyStopping.best).toEqual({ epoch: 2, step: 20, value: 0.9 });
    expect(state.modelStep).toBe(20);
  });

  it('is finished after its epochs or an early stop, but not in mid-epoch', () => {
    expect(isFinished(after(FOUR), SPEC)).toBe(false);
    const done = after([...FOUR, { val_loss: 1, val_accuracy: 1 }]);
    expect(isFinished(done, SPEC)).toBe(true);
    expect(isFinished({ ...done, cursor: { batch: 1, rows: 8, sums: [1] } }, SPEC)).toBe(false);
    expect(isFinished(after(FOUR, makeSpec({ epochs: 9 }, { early_stopping: { patience: 2 } })), SPEC)).toBe(true);
  });
});

describe('keepSteps', () => {
  it('needs nothing at the start but the state itself', () => {
    expect(keepSteps(initialState(SPEC), SPEC)).toEqual([0]);
  });

  it('names the newest checkpoint, the one before, and both bests, each once', () => {
    expect(keepSteps(after(FOUR), SPEC)).toEqual([20, 30, 40]);
    const apart = after([{ val_loss: 3, val_accuracy: 0.95 }, ...FOUR.slice(1)]);
    expect(keepSteps(apart, SPEC)).toEqual([10, 20, 30, 40]);
  });

  it('names a mid-epoch checkpoint and the epoch ends before it', () => {
    const state = { ...after(FOUR), step: 44, cursor: { batch: 4, rows: 32, sums: [1, 1] } };
    expect(keepSteps(state, SPEC)).toEqual([20, 30, 40, 44]);
  });

  it('names every epoch when save_best_only is off', () => {
    const spec = makeSpec({ epochs: 9 }, { checkpoint: { save_best_only: false } });
    expect(keepSteps(after(FOUR, spec), spec)).toEqual([10, 20, 30, 40]);
  });

  it('names the newest ones that keep_last asks for, at least two, and the best', () => {
    const keeping = (keep_last: number) => makeSpec({ epochs: 9 }, { checkpoint: { save_best_only: false, keep_last } });
    const apart = [{ val_loss: 0.5, val_accuracy: 0.5 }, ...FOUR];
    expect(keepSteps(after(apart, keeping(3)), keeping(3))).toEqual([10, 30, 40, 50]);
    expect(keepSteps(after(apart, keeping(1)), keeping(1))).toEqual([10, 40, 50]);
    expect(keepSteps(after(apart, keeping(9)), keeping(9))).toEqual([10, 20, 30, 40, 50]);
  });
});
