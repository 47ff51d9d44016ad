import type { Spec } from '../contract/spec.ts';
import { type InputShape, type Plan, planModel } from './plan.ts';

/** What the plan needs to know of the data. */
export interface DataShape {
  readonly input: InputShape;
  /** null when the targets are numbers to regress to. */
  readonly classes: number | null;
  /** Numbers in one row of targets. */
  readonly targetSize: number;
}

/** The model that a spec describes over its data: a softmax has one output for each class, anything else one for each target. */
export function planSpec({ model, training }: Pick<Spec, 'model' | 'training'>, { input, classes, targetSize }: DataShape): Plan {
  const outputs = training.loss === 'sparse_categorical_crossentropy' ? (classes ?? targetSize) : targetSize;
  return planModel(model, input, outputs, training.loss);
}
