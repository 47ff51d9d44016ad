import type { OptimizerSpec } from '../contract/optimizer.ts';

/**
 * The arrays that an optimizer keeps beside each weight, by Keras' names; the core lays them out in this order. Source: the `build`
 * methods of keras/src/optimizers (3.15).
 */
export function slotNames(spec: OptimizerSpec): string[] {
  switch (spec.type) {
    case 'rmsprop':
      return ['velocity', ...(spec.momentum > 0 ? ['momentum'] : []), ...(spec.centered ? ['average_gradient'] : [])];
    case 'adam':
    case 'adamw':
      return ['momentum', 'velocity', ...(spec.amsgrad ? ['velocity_hat'] : [])];
    case 'nadam':
      return ['momentum', 'velocity'];
    case 'sgd':
      return spec.momentum > 0 ? ['momentum'] : [];
    case 'adagrad':
      return ['accumulator'];
  }
}
