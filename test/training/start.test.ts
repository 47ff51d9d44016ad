import { describe, expect, it } from 'vitest';
import type { Rows } from '../../src/contract/arrays.ts';
import { DataOutOfRange } from '../../src/contract/errors.ts';
import { train } from '../../src/training/loop.ts';
import { scriptedEngine } from './scripted-engine.ts';
import { DATA, makeRun, makeSpec } from './small-run.ts';

describe('data that do not fit the plan', () => {
  const spoilt = (rows: Rows, what: 'inputs' | 'targets', index: number, value: number): Rows => {
    const array = rows[what].slice();
    array[index] = value;
    return { ...rows, [what]: array };
  };
  const { engine, training } = scriptedEngine({});
  const trainOn = (data: typeof DATA) => train(makeRun(makeSpec(), { engine, data }));

  it('end a training before its first step, by the row of the data', async () => {
    await expect(trainOn({ ...DATA, train: spoilt(DATA.train, 'inputs', 3 * 19 + 2, 100) })).rejects.toThrow(
      new DataOutOfRange('row 19 of the training data, time step 2: token id 100: expected 0 to 99'),
    );
    await expect(trainOn({ ...DATA, train: spoilt(DATA.train, 'targets', 21, 0.25) })).rejects.toThrow(
      new DataOutOfRange('row 21 of the training data: label 0.25: expected 0 or 1'),
    );
    expect(training).toEqual([]);
  });

  it('are found among those for validation, too, before an epoch is spent', async () => {
    await expect(trainOn({ ...DATA, validation: spoilt(DATA.validation, 'inputs', 3 * 9, -7) })).rejects.toThrow(
      new DataOutOfRange('row 9 of the validation data, time step 0: token id -7: expected 0 to 99'),
    );
    await expect(trainOn({ ...DATA, validation: spoilt(DATA.validation, 'targets', 0, Number.NaN) })).rejects.toThrow(
      new DataOutOfRange('row 0 of the validation data: label NaN: expected 0 or 1'),
    );
    expect(training).toEqual([]);
  });
});

describe('the weights that a run starts with', () => {
  const ones = (run: ReturnType<typeof makeRun>) => () =>
    run.plan.weights.map(({ name, shape }) => ({ name, shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.125) }));

  it('are those that it is given', async () => {
    const run = makeRun(makeSpec({ epochs: 1, optimizer: { type: 'sgd', learning_rate: 1e-30 } }));
    await train({ ...run, initialWeights: ones(run) });
    for (const { data } of run.engine.getWeights()) expect(data.every((weight) => weight === 0.125)).toBe(true);
  });

  it('are not asked for where it goes on from a checkpoint', async () => {
    const run = makeRun(makeSpec({ epochs: 1 }));
    await train(run);
    const neverAsked = (): never => {
      throw new Error('a run that goes on has its weights');
    };
    const longer = makeRun(makeSpec({ epochs: 2 }), { store: run.store, initialWeights: neverAsked });
    expect((await train(longer)).state.history).toHaveLength(2);
  });
});
