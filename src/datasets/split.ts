import { randomState } from './mt19937.ts';

export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Row numbers as sklearn's train_test_split(test_size=testRows, random_state=seed) deals them out.
 * Source: sklearn/model_selection/_split.py, ShuffleSplit._iter_indices
 */
export function trainTestSplit(rows: number, testRows: number, seed: number): Split {
  const order = randomState(seed).permutation(rows);
  return { train: order.subarray(testRows), test: order.subarray(0, testRows) };
}
