import { squared, total } from '../gradient.ts';
import { float32Power, type Rule, type SpecOf } from './rule.ts';

/** Adam and AdamW: they differ in the default of weight_decay alone. Source: keras/src/optimizers/adam.py */
export function adam({ beta_1: beta1, beta_2: beta2, epsilon, amsgrad }: SpecOf<'adam'> | SpecOf<'adamw'>): Rule {
  return {
    initialValue: 0,
    prepare(ops, { iteration, learningRate }) {
      const correction2 = Math.fround(1 - float32Power(beta2, iteration + 1));
      const correction1 = Math.fround(1 - float32Power(beta1, iteration + 1));
      const alpha = ops.scalar(Math.fround(Math.fround(learningRate) * Math.fround(Math.sqrt(correction2))) / correction1);
      const take1 = ops.scalar(1 - beta1);
      const take2 = ops.scalar(1 - beta2);
      const small = ops.scalar(epsilon);
      return (gradient, weight, slot) => {
        const m = slot('momentum');
        const v = slot('velocity');
        const momentum = ops.add(m, ops.multiply(ops.subtract(total(ops, gradient), m), take1));
        const velocity = ops.add(v, ops.multiply(ops.subtract(squared(ops, gradient), v), take2));
        const largest = amsgrad ? ops.binary('Maximum', slot('velocity_hat'), velocity) : velocity;
        const step = ops.divide(ops.multiply(momentum, alpha), ops.add(ops.unary('Sqrt', largest), small));
        return {
          weight: ops.subtract(weight, step),
          slots: { momentum, velocity, ...(amsgrad && { velocity_hat: largest }) },
        };
      };
    },
  };
}
