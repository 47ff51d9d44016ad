import type { NamedArray } from '../../../src/contract/arrays.ts';
import { elements, type ModelDescription, type Plan, planModel } from '../../../src/plan/plan.ts';
import { dropoutMasks } from '../../../src/training/dropout.ts';
import type { Batch } from '../../../src/training/engine.ts';
import { initialWeights } from '../../../src/training/initializers.ts';
import { randomWords, uniform } from '../../../src/training/random.ts';

export const ROWS = 6;
export const TIMESTEPS = 7;
const VOCABULARY = 9;

type Layer = Partial<ModelDescription['lstm'][number]>;

export const lstm = (units: number, layer: Layer = {}): ModelDescription['lstm'][number] => ({
  units,
  dropout: 0,
  recurrent_dropout: 0,
  bidirectional: false,
  ...layer,
});

/** A small model over tokens with one sigmoid. */
export const tokenPlan = (layers: ModelDescription['lstm'], { maskZero = false, dense = [] as ModelDescription['dense'] } = {}): Plan =>
  planModel(
    { embedding: { output_dim: 3, mask_zero: maskZero }, lstm: layers, dense },
    { kind: 'tokens', timesteps: TIMESTEPS, vocabulary: VOCABULARY },
    1,
    'binary_crossentropy',
  );

/** Weights that are zero nowhere, biases included. */
export const someWeights = (plan: Plan, seed = 3): NamedArray[] =>
  initialWeights(plan, seed).map((weight) => ({ ...weight, data: weight.data.map((value, i) => value + 0.1 * Math.sin(i + 1)) }));

/** Tokens with zeros in front, inside and at the end, one row of nothing else, and labels. */
export function tokenBatch(rows = ROWS, seed = 5): Batch {
  const words = randomWords(seed, 'order');
  const inputs = Int32Array.from({ length: rows * TIMESTEPS }, (_, i) => (Math.floor(i / TIMESTEPS) === 1 ? 0 : words() % VOCABULARY));
  inputs.fill(0, 0, 2);
  inputs.fill(0, 3 * TIMESTEPS - 2, 3 * TIMESTEPS);
  return { rows, inputs, targets: Float32Array.from({ length: rows }, () => words() % 2), sampleWeights: null };
}

export function numberBatch(plan: Plan, rows = ROWS): Batch {
  const words = randomWords(8, 'order');
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => 2 * uniform(words) - 1);
  const features = plan.input.kind === 'numeric' ? plan.input.features : 1;
  const inputs = numbers(elements([rows, plan.input.timesteps, features]));
  return { rows, inputs, targets: numbers(rows * plan.output.units), sampleWeights: numbers(rows).map(Math.abs) };
}

export const someMasks = (plan: Plan, rows: number, iteration = 0): Float32Array[] =>
  dropoutMasks(plan.dropoutSites, 4, rows)(iteration, rows).map((mask) => mask.slice());

export function largestDifference(a: readonly NamedArray[], b: readonly NamedArray[]): number {
  return Math.max(...a.flatMap(({ data }, i) => [...data].map((value, k) => Math.abs(value - (b[i]?.data[k] ?? Number.NaN)))));
}
