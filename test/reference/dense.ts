import type { Plan } from '../../src/plan/plan.ts';
import { findMasks, lstmOffset, type Weights } from './layout.ts';
import { activate, derivative } from './loss.ts';
import { addOuter, addProduct, productTransposed, times } from './lstm.ts';

/** The hidden layers and the logits for one row. */
export function runDense(plan: Plan, weights: Weights, features: Float64Array, masks: readonly Float32Array[], row: number) {
  const first = lstmOffset(plan, plan.lstm.length);
  const inputs = [features];
  const raw: Float64Array[] = [];
  for (const [index, { activation }] of plan.dense.entries()) {
    const z = Float64Array.from(weights[first + 2 * index + 1]!);
    addProduct(z, inputs[index]!, weights[first + 2 * index]!);
    raw.push(activate(activation, z));
    inputs.push(times(raw[index]!, findMasks(plan, masks, 'dense', index, 'output', 'forward')[0], row));
  }
  const output = first + 2 * plan.dense.length;
  const logits = Float64Array.from(weights[output + 1]!);
  addProduct(logits, inputs.at(-1)!, weights[output]!);
  return {
    logits,
    /** Adds to the gradients of the weights and gives that of `features`. */
    backward(logitGradient: Float64Array, gradients: Weights): Float64Array {
      let dz = logitGradient;
      for (let index = plan.dense.length; ; index--) {
        const kernel = first + 2 * index;
        addOuter(gradients[kernel]!, inputs[index]!, dz);
        for (let j = 0; j < dz.length; j++) gradients[kernel + 1]![j]! += dz[j]!;
        const dx = productTransposed(weights[kernel]!, dz, inputs[index]!.length);
        if (index === 0) return dx;
        const { activation } = plan.dense[index - 1]!;
        const dropped = times(dx, findMasks(plan, masks, 'dense', index - 1, 'output', 'forward')[0], row);
        dz = dropped.map((value, i) => value * derivative(activation, raw[index - 1]![i]!));
      }
    },
  };
}
