import type { Tensor } from './binding.ts';
import type { Ops } from './ops.ts';

/**
 * The gradient of one weight. With `indices` it is what TensorFlow calls IndexedSlices: values [n, width] belong to the
 * rows indices [n] of an embedding with `rows` rows, and a row may occur many times.
 */
export interface Gradient {
  readonly values: Tensor;
  readonly indices: Tensor | null;
  readonly rows: number;
}

export const dense = (values: Tensor): Gradient => ({ values, indices: null, rows: 0 });

export const total = (ops: Ops, { values, indices, rows }: Gradient): Tensor =>
  indices === null ? values : ops.segmentSum(values, indices, rows);

/**
 * The square of a gradient, as Keras 3 on TensorFlow takes it: of IndexedSlices each occurrence is squared on its own and
 * the squares are summed. Source: keras/src/backend/tensorflow/sparse.py, elementwise_unary (and measured).
 */
export const squared = (ops: Ops, gradient: Gradient): Tensor => total(ops, { ...gradient, values: ops.unary('Square', gradient.values) });
