import { describe, expect, it } from 'vitest';
import { NotFinite } from '../../src/contract/errors.ts';
import { train } from '../../src/training/loop.ts';
import { scriptedEngine } from './scripted-engine.ts';
import { DATA, makeRun, makeSpec } from './small-run.ts';

const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

describe('an epoch', () => {
  it('takes every row once, in an order of its own, and ends with a smaller batch', async () => {
    const { engine, training } = scriptedEngine({});
    await train(makeRun(makeSpec(), { engine }));
    expect(training.map(({ rows }) => rows)).toEqual([8, 8, 6, 8, 8, 6, 8, 8, 6, 8, 8, 6]);
    const orders = [0, 3, 6, 9].map((first) => training.slice(first, first + 3).flatMap(({ firstTokens }) => firstTokens));
    for (const order of orders) expect(sorted(order)).toEqual(Array.from({ length: 22 }, (_, row) => row));
    expect(new Set(orders.map((order) => order.join())).size).toBe(4);
  });

  it('validates on the held-out rows as they lie', async () => {
    const { engine, validation } = scriptedEngine({});
    await train(makeRun(makeSpec({ epochs: 1 }), { engine }));
    expect(validation.map(({ rows }) => rows)).toEqual([8, 2]);
    expect(validation.flatMap(({ inputs }) => [...inputs])).toEqual([...DATA.validation.inputs]);
    expect(validation.flatMap(({ targets }) => [...targets])).toEqual([...DATA.validation.targets]);
  });

  it('counts each batch by its rows in loss and metrics', async () => {
    const { engine } = scriptedEngine({ loss: (iteration) => iteration + 1 });
    const run = makeRun(makeSpec({ epochs: 1, metrics: ['accuracy', 'mean_absolute_error'] }), { engine });
    await train(run);
    const { logs } = run.store.history[0]!;
    expect(logs).toMatchObject({ loss: (8 * 1 + 8 * 2 + 6 * 3) / 22, val_loss: 1, accuracy: 0.5, val_accuracy: 0.5 });
    expect(logs.val_mean_absolute_error).toBeCloseTo(0.5, 6);
    expect(Object.keys(logs)).toEqual([
      'loss',
      'accuracy',
      'mean_absolute_error',
      'val_loss',
      'val_accuracy',
      'val_mean_absolute_error',
      'learning_rate',
    ]);
  });

  it('gives class weights to training rows only', async () => {
    const { engine, training, validation } = scriptedEngine({});
    await train(makeRun(makeSpec({ epochs: 1, class_weight: { '1': 2.5 } }), { engine }));
    for (const { firstTokens, sampleWeights } of training) {
      expect([...sampleWeights!]).toEqual(firstTokens.map((row) => (row % 2 === 1 ? 2.5 : 1)));
    }
    expect(validation.map(({ sampleWeights }) => sampleWeights)).toEqual([null, null]);
  });

  it('hands out no weights when the spec has none', async () => {
    const { engine, training } = scriptedEngine({});
    await train(makeRun(makeSpec({ epochs: 1 }), { engine }));
    expect(training.map(({ sampleWeights }) => sampleWeights)).toEqual([null, null, null]);
  });
});

describe('the end of a run', () => {
  const byEpoch = (...losses: number[]) => ({ validationLoss: (steps: number) => losses[steps / 3 - 1]! });

  it('is early when nothing got better for as long as patience says, and brings the best weights back', async () => {
    const { engine, training, stepsInWeights } = scriptedEngine(byEpoch(3, 1, 2, 2, 0));
    const spec = makeSpec({ epochs: 9 }, { early_stopping: { patience: 2 } });
    const outcome = await train(makeRun(spec, { engine }));
    expect(outcome).toMatchObject({ reason: 'early_stopped', state: { modelStep: 6, step: 12 } });
    expect(training).toHaveLength(12);
    expect(stepsInWeights()).toBe(6);
  });

  it('brings the best weights back also after the last epoch', async () => {
    const { engine, stepsInWeights } = scriptedEngine(byEpoch(3, 1, 2, 2));
    const outcome = await train(makeRun(makeSpec({}, { early_stopping: { patience: 9 } }), { engine }));
    expect(outcome.reason).toBe('completed');
    expect(stepsInWeights()).toBe(6);
  });

  it.each([{ early_stopping: null }, { early_stopping: { restore_best_weights: false } }])(
    'keeps the last weights with %o',
    async (callbacks) => {
      const { engine, stepsInWeights } = scriptedEngine(byEpoch(3, 1, 2, 2));
      const outcome = await train(makeRun(makeSpec({}, callbacks), { engine }));
      expect(stepsInWeights()).toBe(12);
      expect(outcome.state.modelStep).toBe(12);
    },
  );

  it('keeps the checkpoints that are still needed: best, model, last and the one before', async () => {
    const { engine } = scriptedEngine(byEpoch(4, 1, 2, 2, 2, 2));
    const run = makeRun(makeSpec({ epochs: 6 }), { engine });
    const { state } = await train(run);
    expect(run.store.steps).toEqual([6, 15, 18]);
    expect(state.best).toEqual({ epoch: 2, step: 6, value: 1 });
  });

  it('keeps every checkpoint when save_best_only is off', async () => {
    const run = makeRun(makeSpec({}, { checkpoint: { save_best_only: false } }), { engine: scriptedEngine({}).engine });
    await train(run);
    expect(run.store.steps).toEqual([3, 6, 9, 12]);
  });
});

describe('the learning rate', () => {
  it('falls on a plateau, for the epochs after it, and is in the history as it was used', async () => {
    const { engine, training } = scriptedEngine({});
    const spec = makeSpec({ optimizer: { type: 'sgd', learning_rate: 0.5 } }, { reduce_lr_on_plateau: { patience: 1, factor: 0.5 } });
    const run = makeRun(spec, { engine });
    await train(run);
    expect(training.map(({ learningRate }) => learningRate)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125]);
    expect(run.store.history.map(({ logs }) => logs.learning_rate)).toEqual([0.5, 0.5, 0.25, 0.125]);
  });
});

describe('a loss that is no finite number', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('ends the run by name, place and value: %d', async (value) => {
    const { engine } = scriptedEngine({ loss: (iteration) => (iteration === 4 ? value : 1) });
    const run = makeRun(makeSpec(), { engine });
    const failure = train(run);
    await expect(failure).rejects.toThrow(NotFinite);
    await expect(failure).rejects.toThrow(`loss is ${value} at batch 2 of 3 in epoch 2: expected a finite number`);
    expect(run.store.steps).toEqual([3]);
    expect(run.store.history).toHaveLength(1);
  });

  it('ends the run in validation too, before weights that give no number are saved', async () => {
    const { engine } = scriptedEngine({ validationLoss: () => Number.NaN });
    const run = makeRun(makeSpec(), { engine });
    await expect(train(run)).rejects.toThrow('val_loss is NaN at batch 1 of 2 in epoch 1: expected a finite number');
    expect(run.store.steps).toEqual([]);
  });

  it('is null in history and points when the spec says to go on, and never the best', async () => {
    const { engine } = scriptedEngine({
      loss: (iteration) => (iteration === 4 ? Number.NaN : 1),
      validationLoss: (steps) => (steps === 6 ? 2 : Number.NEGATIVE_INFINITY),
    });
    const run = makeRun(makeSpec({}, { terminate_on_nan: false }), { engine });
    const { state } = await train(run);
    expect(run.store.history.map(({ logs }) => [logs.loss, logs.val_loss])).toEqual([
      [1, null],
      [null, 2],
      [1, null],
      [1, null],
    ]);
    expect(run.store.points.filter(({ loss }) => loss === null).map(({ step }) => step)).toEqual([5]);
    expect(state.best).toEqual({ epoch: 2, step: 6, value: 2 });
  });
});

describe('training', () => {
  it('learns: the loss of a model that can tell the labels falls', async () => {
    const run = makeRun(makeSpec({ epochs: 25 }));
    await train(run);
    const losses = run.store.history.map(({ logs }) => logs.loss!);
    expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
  });

  it('gives the same bits for the same seed, others for another', async () => {
    const weightsOf = async (seed: number) => {
      const run = makeRun(makeSpec({ seed }));
      await train(run);
      return run.engine.getWeights();
    };
    expect(await weightsOf(3)).toEqual(await weightsOf(3));
    expect(await weightsOf(3)).not.toEqual(await weightsOf(4));
  });
});
