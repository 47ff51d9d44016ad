import { describe, expect, it } from 'vitest';
import { optimizerSchema } from '../../../src/contract/optimizer.ts';
import { dropoutMasks } from '../../../src/training/dropout.ts';
import { runModel } from '../../training/reference-model.ts';
import { makeBatch, start } from './batch.ts';
import { engines } from './engines.ts';
import { PLANS } from './plans.ts';

/** With it a step moves the weights by the gradient itself. */
const descent = optimizerSchema.parse({ type: 'sgd', learning_rate: 1 });
const small = PLANS.filter(({ rows }) => rows <= 20);
const PROBES = 12;

describe.each(engines())('core $info.variant', (engine) => {
  it.each(small)('has the gradient that finite differences in double give: $title', ({ plan, rows }) => {
    const trainable = start(engine, plan, descent, rows);
    const before = trainable.getWeights();
    const batch = makeBatch(plan, rows, 3);
    const masks = dropoutMasks(plan.dropoutSites, 5, rows)(0, rows);
    trainable.trainBatch(batch, { learningRate: 1, iteration: 0, dropoutMasks: masks });
    const after = trainable.getWeights();
    trainable.dispose();
    const weights = before.map(({ data }) => Float64Array.from(data));
    for (const [w, { name, data }] of before.entries()) {
      for (let probe = 0; probe < Math.min(PROBES, data.length); probe++) {
        const i = Math.floor((probe * data.length) / Math.min(PROBES, data.length));
        const at = (shift: number): number => {
          weights[w]![i] = data[i]! + shift;
          return runModel(plan, weights, batch, masks).loss;
        };
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        at(0);
        expect(Math.abs(data[i]! - after[w]!.data[i]! - slope), `${name}[${i}], slope ${slope}`).toBeLessThan(
          2e-6 * Math.max(1, Math.abs(slope)),
        );
      }
    }
  });
});
