import { describe, expect, it } from 'vitest';
import type { InputShape } from '../../src/contract/data-shape.ts';
import { type OptimizerSpec, optimizerSchema } from '../../src/contract/optimizer.ts';
import { replay } from '../../src/harness/keras/replay.ts';
import { type ModelDescription, planModel } from '../../src/plan/plan.ts';
import { dropoutMasks } from '../../src/training/dropout.ts';
import type { Batch } from '../../src/training/engine.ts';
import { initialWeights } from '../../src/training/initializers.ts';
import { readGolden } from '../golden.ts';
import { referenceEngine } from './engine.ts';
import { runModel } from './model.ts';
import { total } from './optimizer.ts';

describe('the reference engine', () => {
  it.each(['seed', 'stacked_softmax', 'bidirectional_regression', 'mask_zero'])(
    'follows the trajectory that Keras recorded for %s',
    async (name) => {
      const { maxLossRel, maxWeightAbs } = replay(referenceEngine, await readGolden(name));
      expect(maxLossRel).toBeLessThan(1e-5);
      expect(maxWeightAbs).toBeLessThan(1e-4);
    },
  );

  it.each(MODELS())('computes the gradient that finite differences give: $title', ({ model, input, outputs, loss }) => {
    const plan = planModel(model, input, outputs, loss);
    const batch = makeBatch(input, outputs, loss);
    const masks = dropoutMasks(plan.dropoutSites, 5, batch.rows)(3, batch.rows);
    const weights = initialWeights(plan, 11).map(({ data }) => Float64Array.from(data, (value, i) => value + 0.1 * Math.sin(i + 1)));
    const gradients = runModel(plan, weights, batch, masks).gradients();
    for (const [w, weight] of weights.entries()) {
      const numeric = weight.map((value, i) => {
        const at = (shifted: number): number => {
          weight[i] = shifted;
          const { loss: found } = runModel(plan, weights, batch, masks);
          weight[i] = value;
          return found;
        };
        return (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
      });
      const { name } = plan.weights[w]!;
      const unused = input.timesteps === 1 && name.endsWith('recurrent_kernel');
      expect(
        numeric.some((slope) => slope !== 0),
        `${name} has a gradient`,
      ).toBe(!unused);
      expect(maximumDifference(total(gradients[w]!, weight.length), numeric), name).toBeLessThan(1e-8);
    }
  });

  it.each(OPTIMIZERS())('goes on from its saved state as if it had not stopped: %o', (spec) => {
    const { model, input, outputs, loss } = MODELS()[0]!;
    const plan = planModel(model, input, outputs, loss);
    const batch = makeBatch(input, outputs, loss);
    const optimizer: OptimizerSpec = optimizerSchema.parse(spec);
    const masks = dropoutMasks(plan.dropoutSites, 5, batch.rows);
    const trainFrom = (engine: ReturnType<typeof referenceEngine.compile>, from: number, to: number): void => {
      for (let iteration = from; iteration < to; iteration++) {
        engine.trainBatch(batch, { learningRate: 0.01, iteration, dropoutMasks: masks(iteration, batch.rows) });
      }
    };
    const whole = referenceEngine.compile(plan, optimizer, 8);
    whole.setWeights(initialWeights(plan, 1));
    trainFrom(whole, 0, 3);
    const resumed = referenceEngine.compile(plan, optimizer, 8);
    resumed.setWeights(whole.getWeights());
    resumed.setOptimizerState(whole.getOptimizerState());
    trainFrom(whole, 3, 6);
    trainFrom(resumed, 3, 6);
    expect(resumed.getWeights()).toEqual(whole.getWeights());
  });
});

function MODELS(): { title: string; model: ModelDescription; input: InputShape; outputs: number; loss: Parameters<typeof planModel>[3] }[] {
  const plain = { units: 3, dropout: 0, recurrent_dropout: 0, bidirectional: false };
  const dropped = { units: 2, dropout: 0.4, recurrent_dropout: 0.3, bidirectional: true };
  const tokens: InputShape = { kind: 'tokens', timesteps: 4, vocabulary: 5 };
  const numbers: InputShape = { kind: 'numeric', timesteps: 3, features: 2 };
  return [
    {
      title: 'masked, stacked, bidirectional, with every kind of dropout',
      model: {
        embedding: { output_dim: 3, mask_zero: true },
        lstm: [dropped, plain, dropped],
        dense: [
          { units: 4, activation: 'tanh', dropout: 0.5 },
          { units: 3, activation: 'relu', dropout: 0 },
        ],
      },
      input: tokens,
      outputs: 3,
      loss: 'sparse_categorical_crossentropy',
    },
    {
      title: 'one unit, one time step, binary',
      model: { embedding: { output_dim: 1, mask_zero: false }, lstm: [{ ...plain, units: 1 }], dense: [] },
      input: { ...tokens, timesteps: 1 },
      outputs: 1,
      loss: 'binary_crossentropy',
    },
    ...(['mean_squared_error', 'mean_absolute_error', 'huber'] as const).map((loss) => ({
      title: `two numbers, ${loss}`,
      model: { embedding: null, lstm: [plain, dropped], dense: [{ units: 2, activation: 'sigmoid' as const, dropout: 0 }] },
      input: numbers,
      outputs: 2,
      loss,
    })),
  ];
}

function OPTIMIZERS(): object[] {
  return [
    { type: 'sgd', momentum: 0.9, nesterov: true, clipnorm: 0.1 },
    { type: 'rmsprop', momentum: 0.5, centered: true },
    { type: 'adam', amsgrad: true, global_clipnorm: 0.1 },
    { type: 'adamw' },
    { type: 'nadam', clipvalue: 0.01 },
    { type: 'adagrad' },
  ];
}

/** Five rows that differ in everything, with weights; tokens begin with padding and also hold it in the middle. */
function makeBatch(input: InputShape, outputs: number, loss: string): Batch {
  const rows = 5;
  const tokens = Int32Array.from([0, 0, 3, 1, 0, 2, 0, 4, 1, 2, 3, 4, 0, 0, 0, 2, 4, 4, 0, 0]);
  const numbers = Float32Array.from({ length: rows * 6 }, (_, i) => Math.sin(3 * i));
  const classes = Float32Array.from({ length: rows }, (_, row) => row % (outputs === 1 ? 2 : outputs));
  const values = Float32Array.from({ length: rows * outputs }, (_, i) => 2 * Math.cos(i));
  return {
    rows,
    inputs: input.kind === 'tokens' ? tokens.subarray(0, rows * input.timesteps) : numbers,
    targets: loss.includes('crossentropy') ? classes : values,
    sampleWeights: Float32Array.from([1, 0.5, 2, 3, 0.25]),
  };
}

const maximumDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
