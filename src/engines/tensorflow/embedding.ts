import type { EmbeddingPlan } from '../../plan/plan.ts';
import type { Layer } from './layer.ts';

/** Token ids [T, B] to vectors [T, B, E], by the weight at index `first` of the plan. */
export function embeddingLayer({ inputDim, outputDim }: EmbeddingPlan, first: number): Layer {
  return ({ ops, weight, sequence: { steps, timesteps, rows } }, ids) => ({
    output: ops.gather(weight(first), ids),
    backward: (gradient) => ({
      input: null,
      weights: [
        {
          values: ops.reshape(gradient, [timesteps * rows, outputDim]),
          indices: ops.session.tensor(steps, [timesteps * rows]),
          rows: inputDim,
        },
      ],
    }),
  });
}
