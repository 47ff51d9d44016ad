import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { advanceEarlyStopping, type EarlyStopping, initialEarlyStopping } from '../../src/training/early-stopping.ts';
import { isImprovement } from '../../src/training/monitor.ts';
import { advancePlateau, initialPlateau, type Plateau } from '../../src/training/plateau.ts';

interface Row {
  readonly monitor: string;
  readonly values: readonly (number | null)[];
}

type EarlyStoppingRow = Row & Record<'patience' | 'min_delta' | 'epochs' | 'restored', number> & { readonly stopped: boolean };
type PlateauRow = Row &
  Record<'factor' | 'patience' | 'min_delta' | 'cooldown' | 'min_lr' | 'learning_rate', number> & { readonly rates: readonly number[] };
type CheckpointRow = Row & { readonly saved: readonly number[] };

interface Table {
  readonly early_stopping: readonly EarlyStoppingRow[];
  readonly plateau: readonly PlateauRow[];
  readonly checkpoint: readonly CheckpointRow[];
}

/** What Keras did: written by keras-callbacks.py. */
const TABLE = JSON.parse(readFileSync(new URL('keras-callbacks.json', import.meta.url), 'utf8')) as Table;

describe('early stopping', () => {
  it.each(TABLE.early_stopping)('stops when Keras stops and restores what Keras restores: $monitor, patience $patience', (row) => {
    const options = { ...row, restore_best_weights: true };
    let state: EarlyStopping = initialEarlyStopping;
    let epoch = 0;
    while (epoch < row.values.length && !state.stopped) {
      const value = row.values[epoch]!;
      epoch += 1;
      state = advanceEarlyStopping(state, options, { epoch, step: 10 * epoch, value });
    }
    expect({ epochs: epoch, stopped: state.stopped, restored: state.best?.epoch }).toEqual({
      epochs: row.epochs,
      stopped: row.stopped,
      restored: row.restored,
    });
    expect(state.best?.step).toBe(10 * row.restored);
  });

  const options = { monitor: 'val_loss', patience: 2, min_delta: 0, restore_best_weights: true };
  const after = (values: readonly (number | null)[]): EarlyStopping =>
    values.reduce((state, value, i) => advanceEarlyStopping(state, options, { epoch: i + 1, step: i + 1, value }), initialEarlyStopping);

  it('takes the first finite value as an improvement over a first epoch that gave none, where Keras would stay with NaN', () => {
    expect(after([null])).toEqual({ best: { epoch: 1, step: 1, value: null }, wait: 1, stopped: false });
    expect(after([null, 5])).toEqual({ best: { epoch: 2, step: 2, value: 5 }, wait: 0, stopped: false });
  });

  it('stops a run that never gives a number, and keeps its first epoch', () => {
    expect(after([null, null])).toEqual({ best: { epoch: 1, step: 1, value: null }, wait: 2, stopped: true });
  });
});

describe('reduce on plateau', () => {
  it.each(TABLE.plateau)('gives the learning rates that Keras gives: factor $factor, patience $patience, cooldown $cooldown', (row) => {
    let plateau: Plateau = initialPlateau;
    let learningRate = Math.fround(row.learning_rate);
    const rates = row.values.map((value) => {
      ({ plateau, learningRate } = advancePlateau(plateau, row, value, learningRate));
      return learningRate;
    });
    expect(rates).toEqual(row.rates);
  });
});

describe('the best checkpoint', () => {
  it.each(TABLE.checkpoint)('is saved when Keras saves it: $monitor', ({ monitor, values, saved }) => {
    let best: number | null = null;
    const epochs = values.flatMap((value, i) => {
      if (!isImprovement(monitor, value, best)) return [];
      best = value;
      return [i + 1];
    });
    expect(epochs).toEqual(saved);
  });
});
