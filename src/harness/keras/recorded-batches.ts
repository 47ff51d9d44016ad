import type { NumericArray } from '../../formats/npy.ts';
import type { Npz } from '../../formats/npz.ts';
import type { KerasCase } from './case.ts';

/** That of Keras' fit(). */
const BATCH_SIZE = 32;

/** The array "order", or one made of order_0, order_1 ... for each step. Throws RangeError when a step has none. */
export function recordedOrder(npz: Npz, { steps = 0 }: KerasCase): NumericArray {
  if (npz.names.includes('order') || !npz.names.includes('order_0')) return npz.numbers('order');
  const orders = Array.from({ length: steps }, (_, step) => {
    const name = `order_${step}`;
    if (!npz.names.includes(name)) throw new RangeError(`${npz.file} has no ${name}: expected the rows of the batch of step ${step}`);
    return Array.from(npz.numbers(name).data, Number);
  });
  const size = Math.max(...orders.map(({ length }) => length));
  const padded = orders.flatMap((order) => [...order, ...Array.from({ length: size - order.length }, () => -1)]);
  return { kind: 'numeric', shape: [steps, size], data: Int32Array.from(padded) };
}

/**
 * The rows of each step. `order` is [steps, batch], where negative numbers pad a partial batch; or a list of rows that is cut
 * into batches, anew at each pass over the data. Throws RangeError when it holds fewer steps than the case names, or a row that
 * the data does not have.
 */
export function recordedBatches(
  { data, shape }: NumericArray,
  rows: number,
  { steps, batch_size: size = BATCH_SIZE }: KerasCase,
): Int32Array[] {
  const order = Int32Array.from(data, Number);
  const all = shape.length === 2 ? cut(order, shape[1] ?? 0) : cut(order, rows).flatMap((pass) => cut(pass, size));
  const batches = all.slice(0, steps).map((batch) => batch.filter((row) => row >= 0));
  if (steps !== undefined && batches.length < steps) {
    throw new RangeError(`order holds ${batches.length} steps: expected ${steps}`);
  }
  for (const [step, batch] of batches.entries()) {
    const unknown = batch.find((row) => row >= rows);
    if (unknown !== undefined) throw new RangeError(`order names row ${unknown} in step ${step}: expected a row below ${rows}`);
    if (batch.length === 0) throw new RangeError(`order has no row in step ${step}: expected at least one`);
  }
  return batches;
}

const cut = (list: Int32Array, size: number): Int32Array[] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.subarray(index * size, (index + 1) * size));
