import { describe, expect, it } from 'vitest';
import { type Spec, specShape } from '../../src/contract/spec.ts';
import { checkCost, estimateCost } from '../../src/plan/cost.ts';
import { planModel } from '../../src/plan/plan.ts';
import { seedShape } from '../contract/shapes.ts';

const specOf = (given: { dataset?: object; model?: object; training?: object }): Spec =>
  specShape.parse({ ...given, dataset: { source: 'imdb', ...given.dataset } });

const estimate = (spec: Spec) => {
  const { num_words, maxlen } = spec.dataset;
  const plan = planModel(spec.model, { kind: 'tokens', timesteps: maxlen, vocabulary: num_words }, 1, spec.training.loss);
  const cost = estimateCost(plan, spec, seedShape());
  return { cost, problems: checkCost(cost, plan) };
};

describe('estimateCost', () => {
  it("counts the notebook's job: 8,809 parameters, 313 steps, three passes over the gates' products", () => {
    const { cost, problems } = estimate(specOf({}));
    expect(problems).toEqual([]);
    expect(cost).toMatchObject({ parameters: 8809, stepsPerEpoch: 313 });
    expect(cost.flops).toBe(10 * (3 * 20_000 + 5_000) * (100 * 2 * 32 * 24 + 2 * 8));
    expect(cost.weightBytes, 'weights, gradients and one slot of RMSprop').toBe(3 * 4 * 8809);
  });

  it.each([
    [{ type: 'sgd' }, 0],
    [{ type: 'sgd', momentum: 0.9 }, 1],
    [{ type: 'adagrad' }, 1],
    [{ type: 'rmsprop', momentum: 0.9, centered: true }, 3],
    [{ type: 'adam' }, 2],
    [{ type: 'adamw', amsgrad: true }, 3],
    [{ type: 'nadam' }, 2],
  ])('knows the slots of %o', (optimizer, slots) => {
    expect(estimate(specOf({ training: { optimizer } })).cost.weightBytes).toBe(4 * 8809 * (2 + slots));
  });

  it('counts the masks of the loop and of the engine: recurrent dropout has four of each kind', () => {
    const bytes = (lstm: object): number =>
      estimate(specOf({ model: { lstm: [lstm] } })).cost.activationBytes - estimate(specOf({})).cost.activationBytes;
    const [batch, inputs, units] = [64, 16, 8];
    expect(bytes({ dropout: 0.3 })).toBe(2 * 4 * batch * inputs);
    expect(bytes({ recurrent_dropout: 0.3 })).toBe(2 * 4 * batch * 4 * units);
    expect(bytes({ dropout: 0.3, recurrent_dropout: 0.3, bidirectional: true }) - bytes({ bidirectional: true })).toBe(
      2 * 4 * batch * 2 * 4 * (inputs + units),
    );
  });

  it('rises with every field that makes training longer', () => {
    const seconds = (given: Parameters<typeof specOf>[0]): number => estimate(specOf(given)).cost.predictedSeconds;
    const base = seconds({});
    expect(seconds({ training: { epochs: 20 } })).toBeCloseTo(2 * base, 6);
    expect(seconds({ training: { batch_size: 32 } })).toBeGreaterThan(base);
    expect(seconds({ dataset: { maxlen: 200 } })).toBeGreaterThan(base);
    expect(seconds({ model: { lstm: [{ units: 64, bidirectional: true }] } })).toBeGreaterThan(base);
  });
});

describe('the memory that is estimated', () => {
  const several = (count: number, layer: object) => Array.from({ length: count }, () => layer);
  const adam = { type: 'adam' };

  // MiB at the peak: node test/measure/trainer-memory.mjs
  it.each([
    [120, {}],
    [511, { model: { lstm: [{ units: 64 }] }, training: { batch_size: 2048 } }],
    [2075, { model: { lstm: several(4, { units: 64, bidirectional: true }) }, training: { batch_size: 1024, optimizer: adam } }],
    [
      629,
      {
        model: { lstm: several(2, { units: 128, dropout: 0.2, recurrent_dropout: 0.2 }) },
        training: { batch_size: 512, optimizer: adam },
      },
    ],
    [303, { dataset: { maxlen: 10 }, model: { lstm: [{ units: 1024 }] }, training: { optimizer: { type: 'sgd' } } }],
    [
      1772,
      {
        dataset: { maxlen: 5, num_words: 48_000 },
        model: { embedding: { output_dim: 1024 } },
        training: { batch_size: 256, optimizer: adam },
      },
    ],
    [
      981,
      {
        dataset: { maxlen: 1 },
        model: { dense: several(2, { units: 4096 }) },
        training: { batch_size: 32, optimizer: { type: 'adam', amsgrad: true } },
      },
    ],
  ])('is within a third of the %d MiB that were measured: %o', (measured, given) => {
    const mebibytes = estimate(specOf(given)).cost.memoryBytes / 2 ** 20;
    expect(mebibytes).toBeGreaterThan(measured / 1.3);
    expect(mebibytes).toBeLessThan(measured * 1.3);
  });
});

describe('checkCost', () => {
  it('refuses eight bidirectional LSTM(1024) over 2,500 steps and batches of 8,192, in every respect', () => {
    const lstm = Array.from({ length: 8 }, () => ({ units: 1024, bidirectional: true }));
    const spec = specOf({ dataset: { maxlen: 2500 }, model: { lstm }, training: { batch_size: 8192, epochs: 100 } });
    const { problems } = estimate(spec);
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/model/lstm/1/units', '/training/batch_size', '/training/epochs']);
    expect(problems[0]!.detail).toMatch(/^the model has 18\d,\d{3},\d{3} parameters: expected at most 100,000,000; lower /);
    expect(problems[1]!.detail).toMatch(/GiB of memory: expected at most 8\.0 GiB; lower \/training\/batch_size$/);
    expect(problems[2]!.detail).toMatch(/e\+\d+ floating point operations: expected at most 1\.0e\+17; lower \/training\/epochs/);
  });

  it.each([
    [{ dataset: { num_words: 100_000 }, model: { embedding: { output_dim: 1024 } } }, '/model/embedding/output_dim'],
    [{ dataset: { maxlen: 2500 }, model: { lstm: [{ units: 512 }] }, training: { batch_size: 8192 } }, '/training/batch_size'],
    [{ dataset: { maxlen: 2500 }, model: { lstm: [{ units: 1024 }] }, training: { epochs: 10_000, batch_size: 32 } }, '/training/epochs'],
  ])('names the field to lower: %o', (given, pointer) => {
    expect(estimate(specOf(given)).problems.map((problem) => problem.pointer)).toEqual([pointer]);
  });

  it('lets large but sensible jobs pass', () => {
    const model = { embedding: { output_dim: 128 }, lstm: [{ units: 512, bidirectional: true }, { units: 256 }] };
    expect(estimate(specOf({ dataset: { num_words: 20_000, maxlen: 500 }, model, training: { epochs: 20 } })).problems).toEqual([]);
  });
});
