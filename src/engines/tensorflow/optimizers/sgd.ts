import { total } from '../gradient.ts';
import type { Rule, SpecOf } from './rule.ts';

/** Source: keras/src/optimizers/sgd.py */
export function sgd({ momentum, nesterov }: SpecOf<'sgd'>): Rule {
  return {
    initialValue: 0,
    prepare(ops, { learningRate }) {
      const rate = ops.scalar(learningRate);
      const inertia = ops.scalar(momentum);
      return (gradient, weight, slot) => {
        const step = ops.multiply(total(ops, gradient), rate);
        if (momentum === 0) return { weight: ops.subtract(weight, step), slots: {} };
        const moved = ops.subtract(ops.multiply(slot('momentum'), inertia), step);
        const ahead = nesterov ? ops.subtract(ops.multiply(moved, inertia), step) : moved;
        return { weight: ops.add(weight, ahead), slots: { momentum: moved } };
      };
    },
  };
}
