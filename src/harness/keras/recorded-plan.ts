import type { InputShape } from '../../contract/data-shape.ts';
import type { NumericArray } from '../../formats/npy.ts';
import { elements, type Plan, planModel } from '../../plan/plan.ts';
import type { KerasCase } from './case.ts';

type Model = KerasCase['model'];

/** The plan of a recorded case over inputs like `x`. Throws RangeError when the shape of `x` does not fit the model. */
export function recordedPlan({ model, loss }: KerasCase, x: NumericArray): Plan {
  const { embedding, dense, output } = model;
  const lstm = model.lstm.map(lstmDescription);
  const plan = planModel({ embedding, lstm, dense }, inputShape(model, x), output.units, loss);
  return { ...plan, output: { ...plan.output, activation: output.activation } };
}

const lstmDescription = ({ units, bidirectional, dropout, recurrent_dropout }: Model['lstm'][number]) => ({
  units,
  bidirectional,
  dropout,
  recurrent_dropout,
});

function inputShape({ embedding }: Model, { shape }: NumericArray): InputShape {
  const [, timesteps, features] = shape;
  if (embedding && timesteps !== undefined && elements(shape.slice(2)) === 1) {
    return { kind: 'tokens', timesteps, vocabulary: embedding.input_dim };
  }
  if (!embedding && timesteps !== undefined && features !== undefined) return { kind: 'numeric', timesteps, features };
  throw new RangeError(`x has shape [${shape.join(', ')}]: expected ${embedding ? '[rows, T] for an embedding' : '[rows, T, F]'}`);
}
