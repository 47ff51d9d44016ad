import { randomState } from './mt19937.ts';

export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** How many of `rows` rows train_test_split holds out for a fractional `testSize`. */
export const testRows = (rows: number, testSize: number): number => Math.ceil(testSize * rows);

/**
 * Row numbers as sklearn's train_test_split(test_size=testSize, random_state=seed) deals them out.
 * Source: sklearn/model_selection/_split.py, ShuffleSplit._iter_indices
 */
export function trainTestSplit(rows: number, testSize: number, seed: number): Split {
  const order = randomState(seed).permutation(rows);
  const held = testRows(rows, testSize);
  return { train: order.subarray(held), test: order.subarray(0, held) };
}
