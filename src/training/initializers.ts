import type { NamedArray } from '../contract/arrays.ts';
import { elements, type Initializer, type Plan } from '../plan/plan.ts';
import { type Draw, normals, randomWords, uniform } from './random.ts';

type Shape = readonly number[];

/**
 * The weights that a run starts with, in the order of `plan.weights`: Keras' default initializers, each weight drawn from a
 * stream of its own. Sources: keras/src/initializers/random_initializers.py, keras/src/layers/rnn/lstm.py (3.15).
 */
export const initialWeights = (plan: Plan, seed: number): NamedArray[] =>
  plan.weights.map(({ name, shape, initializer }, index) => ({
    name,
    shape,
    data: INITIALIZERS[initializer](shape, randomWords(seed, 'weights', index)),
  }));

const INITIALIZERS: Readonly<Record<Initializer, (shape: Shape, words: Draw) => Float32Array>> = {
  uniform: (shape, words) => drawUniform(shape, 0.05, words),
  glorot_uniform: (shape, words) => drawUniform(shape, Math.sqrt(6 / (rowsOf(shape) + columnsOf(shape))), words),
  orthogonal: drawOrthogonal,
  zeros: (shape) => new Float32Array(elements(shape)),
  unit_forget_bias: (shape) => {
    const units = rowsOf(shape) / 4;
    return new Float32Array(elements(shape)).fill(1, units, 2 * units);
  },
};

const rowsOf = (shape: Shape): number => shape[0] ?? 1;
const columnsOf = (shape: Shape): number => shape[1] ?? 1;

function drawUniform(shape: Shape, limit: number, words: Draw): Float32Array {
  const data = new Float32Array(elements(shape));
  for (let i = 0; i < data.length; i++) data[i] = limit * (2 * uniform(words) - 1);
  return data;
}

/**
 * A wide matrix [rows, columns] with orthonormal rows. Keras takes Q of the QR decomposition of a normal matrix and flips signs
 * until R's diagonal is positive; that Q is unique, and Gram and Schmidt's method yields it as it is.
 */
function drawOrthogonal(shape: Shape, words: Draw): Float32Array {
  const columns = columnsOf(shape);
  const matrix = Float64Array.from({ length: elements(shape) }, normals(words));
  const rows = Array.from({ length: rowsOf(shape) }, (_, row) => matrix.subarray(row * columns, (row + 1) * columns));
  for (const [index, row] of rows.entries()) {
    for (const earlier of rows.slice(0, index)) addScaled(row, earlier, -dot(row, earlier));
    const scale = 1 / Math.sqrt(dot(row, row));
    for (let i = 0; i < columns; i++) row[i]! *= scale;
  }
  return Float32Array.from(matrix);
}

/** Four sums at once, since each addition would wait for the one before it. The length is a multiple of four: there are four gates. */
function dot(a: Float64Array, b: Float64Array): number {
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i += 4) {
    sum0 += a[i]! * b[i]!;
    sum1 += a[i + 1]! * b[i + 1]!;
    sum2 += a[i + 2]! * b[i + 2]!;
    sum3 += a[i + 3]! * b[i + 3]!;
  }
  return sum0 + sum1 + sum2 + sum3;
}

function addScaled(target: Float64Array, source: Float64Array, scale: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += scale * source[i]!;
}
