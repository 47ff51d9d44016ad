import { squared, total } from '../gradient.ts';
import { float32Power, type Rule, type SpecOf } from './rule.ts';

/** Source: keras/src/optimizers/nadam.py */
export function nadam({ beta_1: beta1, beta_2: beta2, epsilon }: SpecOf<'nadam'>): Rule {
  const product = momentumProduct(beta1);
  return {
    initialValue: 0,
    prepare(ops, { iteration, learningRate }) {
      const now = momentumAt(beta1, iteration + 1);
      const next = momentumAt(beta1, iteration + 2);
      const productNow = product(iteration + 1);
      const rate = ops.scalar(learningRate);
      const take1 = ops.scalar(1 - Math.fround(beta1));
      const take2 = ops.scalar(1 - Math.fround(beta2));
      const [u, uNext] = [ops.scalar(1 - now), ops.scalar(next)];
      const [left, leftNext] = [ops.scalar(1 - productNow), ops.scalar(1 - Math.fround(productNow * next))];
      const correction2 = ops.scalar(1 - float32Power(beta2, iteration + 1));
      const small = ops.scalar(epsilon);
      return (gradient, weight, slot) => {
        const [g, m, v] = [total(ops, gradient), slot('momentum'), slot('velocity')];
        const momentum = ops.add(m, ops.multiply(ops.subtract(g, m), take1));
        const velocity = ops.add(v, ops.multiply(ops.subtract(squared(ops, gradient), v), take2));
        const mHat = ops.add(ops.divide(ops.multiply(uNext, momentum), leftNext), ops.divide(ops.multiply(u, g), left));
        const vHat = ops.divide(velocity, correction2);
        const step = ops.divide(ops.multiply(mHat, rate), ops.add(ops.unary('Sqrt', vHat), small));
        return { weight: ops.subtract(weight, step), slots: { momentum, velocity } };
      };
    },
  };
}

/** Nesterov's momentum at step t, counted from 1. */
const momentumAt = (beta1: number, t: number): number =>
  Math.fround(Math.fround(beta1) * Math.fround(1 - Math.fround(0.5 * float32Power(0.96, t))));

/** The product of the momenta of steps 1 to t, multiplied up in float32 from the first, or from the step asked for last. */
function momentumProduct(beta1: number): (t: number) => number {
  let known = { t: 0, product: 1 };
  return (t) => {
    let { t: done, product } = known.t <= t ? known : { t: 0, product: 1 };
    while (done < t) {
      done += 1;
      product = Math.fround(Math.fround(product * Math.fround(beta1)) * Math.fround(1 - Math.fround(0.5 * float32Power(0.96, done))));
    }
    known = { t, product };
    return product;
  };
}
