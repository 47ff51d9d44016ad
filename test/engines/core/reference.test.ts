import { describe, expect, it } from 'vitest';
import { type OptimizerSpec, optimizerSchema } from '../../../src/contract/optimizer.ts';
import { dropoutMasks } from '../../../src/training/dropout.ts';
import type { Batch, Engine, Trainable } from '../../../src/training/engine.ts';
import { initialWeights } from '../../../src/training/initializers.ts';
import type { Plan } from '../../../src/training/plan.ts';
import { randomWords } from '../../../src/training/random.ts';
import { referenceEngine } from '../../training/reference-engine.ts';
import { engines } from './engines.ts';
import { PLANS, type PlanCase } from './plans.ts';

const OPTIMIZERS = [
  { type: 'rmsprop', learning_rate: 0.01 },
  { type: 'rmsprop', learning_rate: 0.01, centered: true, momentum: 0.5, clipvalue: 0.01 },
  { type: 'rmsprop', learning_rate: 0.01, centered: true, global_clipnorm: 0.05 },
  { type: 'adam', learning_rate: 0.01, clipnorm: 0.02 },
  { type: 'adam', learning_rate: 0.01, amsgrad: true, weight_decay: 0.1 },
  { type: 'adamw', learning_rate: 0.01, global_clipnorm: 0.03 },
  { type: 'nadam', learning_rate: 0.01 },
  { type: 'sgd', learning_rate: 0.5, clipvalue: 0.02 },
  { type: 'sgd', learning_rate: 0.5, momentum: 0.9, global_clipnorm: 0.1 },
  { type: 'sgd', learning_rate: 0.5, momentum: 0.9, nesterov: true },
  { type: 'adagrad', learning_rate: 0.1, initial_accumulator_value: 0.2, weight_decay: 0.01 },
].map((spec): OptimizerSpec => optimizerSchema.parse(spec));

const STEPS = 4;
const pairs = PLANS.flatMap((plan, i) => [0, 1, 2].map((n) => ({ ...plan, optimizer: OPTIMIZERS[(3 * i + n) % OPTIMIZERS.length]! })));

describe.each(engines())('core $info.variant', (engine) => {
  it.each(pairs)('trains $title with $optimizer.type as the reference does', ({ plan, rows, optimizer }) => {
    const [ours, theirs] = [start(engine, plan, optimizer, rows), start(referenceEngine, plan, optimizer, rows)];
    const masks = dropoutMasks(plan.dropoutSites, 5, rows);
    for (let iteration = 0; iteration < STEPS; iteration++) {
      const batch = makeBatch(plan, iteration === 2 ? Math.ceil(rows / 2) : rows, iteration);
      const step = { learningRate: optimizer.learning_rate, iteration, dropoutMasks: masks(iteration, batch.rows) };
      const [a, b] = [ours.trainBatch(batch, step), theirs.trainBatch(batch, step)];
      expect(Math.abs(a.loss - b.loss), `loss of step ${iteration}`).toBeLessThan(1e-5 * Math.max(Math.abs(b.loss), 1));
      expect(distance(a.outputs, b.outputs), `outputs of step ${iteration}`).toBeLessThan(1e-4);
    }
    expectSame(ours, theirs);
    const batch = makeBatch(plan, rows, 9);
    expect(ours.evaluateBatch(batch).loss).toBeCloseTo(theirs.evaluateBatch(batch).loss, 4);
    expect(distance(ours.predict(batch.inputs, rows), theirs.predict(batch.inputs, rows))).toBeLessThan(1e-4);
    ours.dispose();
  });
});

function start(engine: Engine, plan: Plan, optimizer: OptimizerSpec, rows: number): Trainable {
  const trainable = engine.compile(plan, optimizer, rows);
  trainable.setWeights(
    initialWeights(plan, 11).map((weight) => ({ ...weight, data: weight.data.map((w, i) => w + 0.1 * Math.sin(i + 1)) })),
  );
  return trainable;
}

function makeBatch({ input, loss, output }: PlanCase['plan'], rows: number, seed: number): Batch {
  const words = randomWords(seed, 'rows');
  const draw = (length: number, number: () => number): number[] => Array.from({ length }, number);
  const unit = (): number => words() / 2 ** 31 - 1;
  const below = (limit: number): number => words() % limit;
  return {
    rows,
    inputs:
      input.kind === 'tokens'
        ? Int32Array.from(draw(rows * input.timesteps, () => below(input.vocabulary)))
        : Float32Array.from(draw(rows * input.timesteps * input.features, unit)),
    targets: Float32Array.from(
      loss === 'sparse_categorical_crossentropy'
        ? draw(rows, () => below(output.units))
        : draw(rows * output.units, loss === 'binary_crossentropy' ? () => below(2) : () => 2 * unit()),
    ),
    sampleWeights: seed % 2 ? Float32Array.from(draw(rows, () => 1 + unit())) : null,
  };
}

function expectSame(ours: Trainable, theirs: Trainable): void {
  for (const [i, { name, data }] of theirs.getWeights().entries()) {
    expect(distance(ours.getWeights()[i]!.data, data), name).toBeLessThan(1e-4);
  }
  const state = new Map(theirs.getOptimizerState().map(({ name, data }) => [name, data]));
  for (const { name, data } of ours.getOptimizerState()) expect(distance(data, state.get(name)!), name).toBeLessThan(1e-4);
}

const distance = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
