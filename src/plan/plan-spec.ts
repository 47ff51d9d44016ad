import type { DataShape } from '../contract/data-shape.ts';
import type { Spec } from '../contract/spec.ts';
import { type Plan, planModel } from './plan.ts';

/**
 * The model that a spec describes over its data: a softmax has one output for each class, anything else one for each target. Throws RangeError where
 * checkRules would have found that the embedding does not fit the data.
 */
export function planSpec({ model, training }: Pick<Spec, 'model' | 'training'>, { input, classes, targetSize }: DataShape): Plan {
  const outputs = training.loss === 'sparse_categorical_crossentropy' ? (classes ?? targetSize) : targetSize;
  return planModel(model, input, outputs, training.loss);
}
