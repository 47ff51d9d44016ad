import { type Draw, randomWords } from './random.ts';

/** The order in which an epoch (from 0) takes the training rows: a permutation of 0 .. rows - 1, by Fisher and Yates. */
export function epochOrder(seed: number, epoch: number, rows: number): Int32Array {
  const words = randomWords(seed, 'order', epoch);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    const other = below(last + 1, words);
    const row = order[last]!;
    order[last] = order[other]!;
    order[other] = row;
  }
  return order;
}

/** A whole number in 0 .. limit - 1. Words beyond the last whole multiple of `limit` are drawn again, so that none is favoured. */
function below(limit: number, words: Draw): number {
  const bound = 2 ** 32 - (2 ** 32 % limit);
  let word = words();
  while (word >= bound) word = words();
  return word % limit;
}
