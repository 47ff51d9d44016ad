import type { Sequences } from '../contract/arrays.ts';

/**
 * The rows that `order` names, each as its last `maxlen` values with 0 in front of shorter ones: [order.length, maxlen].
 * What Keras' pad_sequences does by default. Source: https://keras.io/api/data_loading/timeseries/#pad_sequences-function
 */
export function padSequences({ values, offsets }: Sequences, order: Int32Array, maxlen: number): Int32Array {
  const padded = new Int32Array(order.length * maxlen);
  let end = 0;
  for (const row of order) {
    const stop = offsets[row + 1] ?? 0;
    const tail = values.subarray(Math.max(offsets[row] ?? 0, stop - maxlen), stop);
    end += maxlen;
    padded.set(tail, end - tail.length);
  }
  return padded;
}
