import type { OptimizerSpec } from '../../../src/contract/optimizer.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { Batch, Engine, Trainable } from '../../../src/training/engine.ts';
import { initialWeights } from '../../../src/training/initializers.ts';
import { randomWords } from '../../../src/training/random.ts';

/** Random rows for a plan; an odd seed gives them weights. */
export function makeBatch({ input, loss, output }: Plan, rows: number, seed: number): Batch {
  const words = randomWords(seed, 'bench');
  const draw = (length: number, number: () => number): number[] => Array.from({ length }, number);
  const unit = (): number => words() / 2 ** 31 - 1;
  const below = (limit: number): number => words() % limit;
  return {
    rows,
    inputs:
      input.kind === 'tokens'
        ? Int32Array.from(draw(rows * input.timesteps, () => below(input.vocabulary)))
        : Float32Array.from(draw(rows * input.timesteps * input.features, unit)),
    targets: Float32Array.from(
      loss === 'sparse_categorical_crossentropy'
        ? draw(rows, () => below(output.units))
        : draw(rows * output.units, loss === 'binary_crossentropy' ? () => below(2) : () => 2 * unit()),
    ),
    sampleWeights: seed % 2 ? Float32Array.from(draw(rows, () => 1 + unit())) : null,
  };
}

/** A trainable whose weights, biases too, are not zero. */
export function start(engine: Engine, plan: Plan, optimizer: OptimizerSpec, rows: number): Trainable {
  const trainable = engine.compile(plan, optimizer, rows);
  trainable.setWeights(
    initialWeights(plan, 11).map((weight) => ({ ...weight, data: weight.data.map((w, i) => w + 0.1 * Math.sin(i + 1)) })),
  );
  return trainable;
}

export const distance = (a: Float32Array, b: Float32Array): number =>
  a.length === b.length ? a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) : Number.POSITIVE_INFINITY;
