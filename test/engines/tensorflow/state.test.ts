import { describe, expect, it } from 'vitest';
import { type OptimizerSpec, optimizerSchema } from '../../../src/contract/optimizer.ts';
import { loadTensorflow } from '../../../src/engines/tensorflow/engine.ts';
import type { Trainable } from '../../../src/training/engine.ts';
import { lstm, ROWS, someMasks, someWeights, tokenBatch, tokenPlan } from './problems.ts';
import { tensorflow } from './tensorflow.ts';

const PLAN = tokenPlan([lstm(3, { dropout: 0.2, recurrent_dropout: 0.2, bidirectional: true }), lstm(4)], { maskZero: true });
const STEPS = 12;
const OPTIMIZERS: OptimizerSpec[] = [
  { type: 'rmsprop', momentum: 0.5, centered: true, learning_rate: 0.01 },
  { type: 'adam', amsgrad: true, clipnorm: 0.1 },
  { type: 'adamw' },
  { type: 'nadam', learning_rate: 0.01 },
  { type: 'sgd', momentum: 0.9, nesterov: true, global_clipnorm: 0.1 },
  { type: 'adagrad', weight_decay: 0.01 },
].map((optimizer) => optimizerSchema.parse(optimizer));

describe.skipIf(!tensorflow)('the state of the tensorflow engine', () => {
  it.each(OPTIMIZERS.map((optimizer) => [optimizer.type, optimizer] as const))(
    'goes on with the same bits after a stop at every step: %s',
    (_, optimizer) => {
      const whole = compile(optimizer);
      let resumed = compile(optimizer);
      for (let step = 0; step < STEPS; step++) {
        train(whole, step);
        train(resumed, step);
        const [weights, state] = [resumed.getWeights(), resumed.getOptimizerState()];
        resumed.dispose();
        resumed = compile(optimizer);
        resumed.setWeights(weights);
        resumed.setOptimizerState(state);
      }
      expect(bits(resumed)).toEqual(bits(whole));
      const untrained = compile(optimizer);
      expect(bits(whole)).not.toEqual(bits(untrained));
      for (const model of [whole, resumed, untrained]) model.dispose();
    },
  );

  it('gives the same bits at every run', () => {
    const runs = [0, 1].map(() => {
      const model = compile(OPTIMIZERS[0] as OptimizerSpec);
      for (let step = 0; step < STEPS; step++) train(model, step);
      const found = bits(model);
      model.dispose();
      return found;
    });
    expect(runs[1]).toEqual(runs[0]);
  });

  it('holds no more tensors after an epoch than before, and none after its end', () => {
    const live = (): number => tensorflow?.binding.getNumOfTensors() ?? Number.NaN;
    const start = live();
    const model = compile(OPTIMIZERS[0] as OptimizerSpec);
    train(model, 0);
    const before = live();
    for (let step = 1; step < 50; step++) train(model, step, step % 7 === 0 ? 2 : ROWS);
    model.evaluateBatch(tokenBatch());
    model.predict(tokenBatch(4).inputs, 4);
    model.setWeights(model.getWeights());
    model.setOptimizerState(model.getOptimizerState());
    expect(() => model.predict(new Int32Array(3), 4)).toThrow(RangeError);
    expect(live()).toBe(before);
    model.dispose();
    expect(live()).toBe(start);
  });

  it('names what it remembers as Keras does', () => {
    const model = compile(OPTIMIZERS[0] as OptimizerSpec);
    expect(model.getWeights().map(({ name, shape }) => ({ name, shape }))).toEqual(
      PLAN.weights.map(({ name, shape }) => ({ name, shape })),
    );
    expect(model.getOptimizerState().slice(0, 3)).toMatchObject([
      { name: 'embedding/embeddings:velocity', shape: [9, 3] },
      { name: 'embedding/embeddings:momentum', shape: [9, 3] },
      { name: 'embedding/embeddings:average_gradient', shape: [9, 3] },
    ]);
    model.dispose();
  });

  it('refuses arrays that are not its own, and stays as it was', () => {
    const model = compile(OPTIMIZERS[0] as OptimizerSpec);
    const before = bits(model);
    const [first, ...others] = someWeights(PLAN, 9);
    if (!first) throw new Error('the plan has no weights');
    expect(() => model.setWeights(others)).toThrow('arrays: expected');
    expect(() => model.setWeights([{ ...first, name: 'embeddings' }, ...others])).toThrow(
      'embeddings [9, 3]: expected embedding/embeddings [9, 3]',
    );
    expect(() => model.setWeights([{ ...first, shape: [3, 9] }, ...others])).toThrow('[3, 9]: expected embedding/embeddings [9, 3]');
    expect(() => model.setWeights([{ ...first, data: new Float32Array(4) }, ...others])).toThrow('holds 4 numbers: expected 27');
    expect(() => model.setOptimizerState([])).toThrow(RangeError);
    expect(bits(model)).toEqual(before);
    model.dispose();
  });
});

function compile(optimizer: OptimizerSpec): Trainable {
  const model = loadTensorflow(() => {}).compile(PLAN, optimizer, ROWS);
  model.setWeights(someWeights(PLAN));
  return model;
}

function train(model: Trainable, step: number, rows = ROWS): void {
  const dropoutMasks = someMasks(PLAN, rows, step);
  model.trainBatch(tokenBatch(rows, step), { learningRate: 0.01, iteration: step, dropoutMasks });
}

const bits = (model: Trainable): string[] =>
  [...model.getWeights(), ...model.getOptimizerState()].map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
  );
