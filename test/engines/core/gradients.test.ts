import { describe, expect, it } from 'vitest';
import type { NamedArray } from '../../../src/contract/arrays.ts';
import { optimizerSchema } from '../../../src/contract/optimizer.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { dropoutMasks } from '../../../src/training/dropout.ts';
import type { Batch } from '../../../src/training/engine.ts';
import { runModel } from '../../reference/model.ts';
import { makeBatch, start } from './batch.ts';
import { engines } from './engines.ts';
import { PLANS } from './plans.ts';

/** With it a step moves the weights by the gradient itself. */
const descent = optimizerSchema.parse({ type: 'sgd', learning_rate: 1 });
const small = PLANS.filter(({ rows }) => rows <= 20);
const PROBES = 12;

/** The slope of the loss at weight `i` of array `w`. */
interface Slope {
  readonly w: number;
  readonly i: number;
  readonly slope: number;
}

/** Every engine starts a plan from the same weights, so what the reference says of it is found once. */
const known = new Map<Plan, readonly Slope[]>();

function slopesOf(plan: Plan, arrays: readonly NamedArray[], batch: Batch, masks: readonly Float32Array[]): readonly Slope[] {
  const slopes = known.get(plan) ?? arrays.flatMap(({ data }, w) => probesOf(data).map((i) => ({ w, i, slope: slopeAt(w, i) })));
  known.set(plan, slopes);
  return slopes;

  function slopeAt(w: number, i: number): number {
    const weights = arrays.map(({ data }) => Float64Array.from(data));
    const at = (shift: number): number => {
      weights[w]![i] = arrays[w]!.data[i]! + shift;
      return runModel(plan, weights, batch, masks).loss;
    };
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  }
}

/** Places spread over an array. */
function probesOf({ length }: Float32Array): number[] {
  const probes = Math.min(PROBES, length);
  return Array.from({ length: probes }, (_, probe) => Math.floor((probe * length) / probes));
}

describe.each(engines())('core $info.variant', (engine) => {
  it.each(small)('has the gradient that finite differences in double give: $title', ({ plan, rows }) => {
    const trainable = start(engine, plan, descent, rows);
    const before = trainable.getWeights();
    const batch = makeBatch(plan, rows, 3);
    const masks = dropoutMasks(plan.dropoutSites, 5, rows)(0, rows);
    trainable.trainBatch(batch, { learningRate: 1, iteration: 0, dropoutMasks: masks });
    const after = trainable.getWeights();
    trainable.dispose();
    for (const { w, i, slope } of slopesOf(plan, before, batch, masks)) {
      const { name, data } = before[w]!;
      expect(Math.abs(data[i]! - after[w]!.data[i]! - slope), `${name}[${i}], slope ${slope}`).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(slope)),
      );
    }
  });
});
