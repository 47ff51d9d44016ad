import { squared, total } from '../gradient.ts';
import type { Rule, SpecOf } from './rule.ts';

/** Source: keras/src/optimizers/rmsprop.py */
export function rmsprop({ rho, momentum, epsilon, centered }: SpecOf<'rmsprop'>): Rule {
  return {
    initialValue: 0,
    prepare(ops, { learningRate }) {
      const rate = ops.scalar(learningRate);
      const keep = ops.scalar(rho);
      const take = ops.scalar(1 - rho);
      const small = ops.scalar(epsilon);
      const inertia = ops.scalar(momentum);
      return (gradient, weight, slot) => {
        const g = total(ops, gradient);
        const velocity = ops.add(ops.multiply(keep, slot('velocity')), ops.multiply(take, squared(ops, gradient)));
        const average = centered ? ops.add(ops.multiply(keep, slot('average_gradient')), ops.multiply(take, g)) : null;
        const spread = average ? ops.subtract(velocity, ops.unary('Square', average)) : velocity;
        const increment = ops.divide(ops.multiply(rate, g), ops.unary('Sqrt', ops.add(spread, small)));
        const moved = momentum > 0 ? ops.add(ops.multiply(inertia, slot('momentum')), increment) : increment;
        return {
          weight: ops.subtract(weight, moved),
          slots: { velocity, ...(momentum > 0 && { momentum: moved }), ...(average && { average_gradient: average }) },
        };
      };
    },
  };
}
