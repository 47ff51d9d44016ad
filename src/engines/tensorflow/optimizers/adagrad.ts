import { squared, total } from '../gradient.ts';
import type { Rule, SpecOf } from './rule.ts';

/** Source: keras/src/optimizers/adagrad.py */
export function adagrad({ initial_accumulator_value: initialValue, epsilon }: SpecOf<'adagrad'>): Rule {
  return {
    initialValue,
    prepare(ops, { learningRate }) {
      const rate = ops.scalar(learningRate);
      const small = ops.scalar(epsilon);
      return (gradient, weight, slot) => {
        const accumulator = ops.add(slot('accumulator'), squared(ops, gradient));
        const step = ops.divide(ops.multiply(rate, total(ops, gradient)), ops.unary('Sqrt', ops.add(accumulator, small)));
        return { weight: ops.subtract(weight, step), slots: { accumulator } };
      };
    },
  };
}
