import type { OptimizerSpec } from '../../src/contract/optimizer.ts';
import type { Gradient } from './model.ts';

/** Slots of one weight by Keras' names; those missing are made on first use. */
export type Slots = Map<string, Float64Array>;

/**
 * One optimizer step on every weight, in place, in double precision. `slots` has one entry for each weight, and one more that
 * belongs to the optimizer as a whole. Source: keras/src/optimizers (3.15).
 */
export function applyGradients(
  optimizer: OptimizerSpec,
  weights: readonly Float64Array[],
  gradients: readonly Gradient[],
  slots: readonly Slots[],
  learningRate: number,
  iteration: number,
): void {
  const clipped = clip(optimizer, weights, gradients);
  const shared = slots[weights.length]!;
  const step = iteration + 1;
  if (optimizer.type === 'nadam') slot(shared, 'u_product', 1, 1)[0]! *= nadamMomentum(optimizer.beta_1, step);
  for (const [index, weight] of weights.entries()) {
    const gradient = total(clipped[index]!, weight.length);
    const squares = total(squared(clipped[index]!), weight.length);
    const decay = 1 - learningRate * (optimizer.weight_decay ?? 0);
    const named = (name: string, initial = 0): Float64Array => slot(slots[index]!, name, weight.length, initial);
    for (let i = 0; i < weight.length; i++) {
      weight[i] = weight[i]! * decay - move(optimizer, gradient[i]!, squares[i]!, i, named, learningRate, step, shared);
    }
  }
}

type Named = (name: string, initial?: number) => Float64Array;

/** How far one element moves, and its slots' new values; `g2` is the sum of its squared gradients. */
function move(optimizer: OptimizerSpec, g: number, g2: number, i: number, named: Named, rate: number, step: number, shared: Slots): number {
  const set = (name: string, next: (old: number) => number, initial = 0): number => {
    const values = named(name, initial);
    return (values[i] = next(values[i]!));
  };
  switch (optimizer.type) {
    case 'sgd': {
      if (optimizer.momentum === 0) return rate * g;
      const m = set('momentum', (old) => old * optimizer.momentum - rate * g);
      return optimizer.nesterov ? -(m * optimizer.momentum - rate * g) : -m;
    }
    case 'rmsprop': {
      const v = set('velocity', (old) => optimizer.rho * old + (1 - optimizer.rho) * g2);
      const a = optimizer.centered ? set('average_gradient', (old) => optimizer.rho * old + (1 - optimizer.rho) * g) : 0;
      const increment = (rate * g) / Math.sqrt(v - a * a + optimizer.epsilon);
      return optimizer.momentum > 0 ? set('momentum', (old) => optimizer.momentum * old + increment) : increment;
    }
    case 'adagrad':
      return (rate * g) / Math.sqrt(set('accumulator', (old) => old + g2, optimizer.initial_accumulator_value) + optimizer.epsilon);
    case 'nadam': {
      const { m, v } = moments(optimizer, g, g2, set);
      const [u, next] = [nadamMomentum(optimizer.beta_1, step), nadamMomentum(optimizer.beta_1, step + 1)];
      const product = shared.get('u_product')![0]!;
      const mHat = (next * m) / (1 - product * next) + ((1 - u) * g) / (1 - product);
      return (rate * mHat) / (Math.sqrt(v / (1 - optimizer.beta_2 ** step)) + optimizer.epsilon);
    }
    default: {
      const { m, v } = moments(optimizer, g, g2, set);
      const alpha = (rate * Math.sqrt(1 - optimizer.beta_2 ** step)) / (1 - optimizer.beta_1 ** step);
      const scale = optimizer.amsgrad ? set('velocity_hat', (old) => Math.max(old, v)) : v;
      return (m * alpha) / (Math.sqrt(scale) + optimizer.epsilon);
    }
  }
}

type Set = (name: string, next: (old: number) => number) => number;

const moments = ({ beta_1, beta_2 }: { beta_1: number; beta_2: number }, g: number, g2: number, set: Set) => ({
  m: set('momentum', (old) => old + (g - old) * (1 - beta_1)),
  v: set('velocity', (old) => old + (g2 - old) * (1 - beta_2)),
});

const nadamMomentum = (beta: number, step: number): number => beta * (1 - 0.5 * 0.96 ** step);

function slot(slots: Slots, name: string, length: number, initial: number): Float64Array {
  const found = slots.get(name) ?? new Float64Array(length).fill(initial);
  slots.set(name, found);
  return found;
}

/** Norms count each occurrence of a row on its own; only global_clipnorm adds them up first. */
function clip({ clipnorm, clipvalue, global_clipnorm }: OptimizerSpec, weights: readonly Float64Array[], gradients: readonly Gradient[]) {
  if (clipnorm !== null) return gradients.map((gradient) => scale(gradient, clipnorm / Math.max(clipnorm, norm([gradient]))));
  if (clipvalue !== null) return gradients.map(({ values, indices }) => ({ values: values.map((v) => clamp(v, clipvalue)), indices }));
  if (global_clipnorm === null) return gradients;
  const factor = global_clipnorm / Math.max(global_clipnorm, norm(gradients));
  return gradients.map((gradient, i) => scale({ values: total(gradient, weights[i]!.length), indices: null }, factor));
}

/** A gradient as one array of the weight's length. */
export function total({ values, indices }: Gradient, length: number): Float64Array {
  if (indices === null) return values;
  const sum = new Float64Array(length);
  const width = values.length / indices.length;
  for (const [i, value] of values.entries()) sum[indices[Math.floor(i / width)]! * width + (i % width)]! += value;
  return sum;
}

const squared = ({ values, indices }: Gradient): Gradient => ({ values: values.map((v) => v * v), indices });

const scale = ({ values, indices }: Gradient, factor: number): Gradient => ({ values: values.map((v) => v * factor), indices });

const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

const norm = (gradients: readonly Gradient[]): number =>
  Math.sqrt(gradients.reduce((sum, { values }) => sum + values.reduce((a, v) => a + v * v, 0), 0));
