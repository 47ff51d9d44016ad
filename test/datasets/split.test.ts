import { expect, it } from 'vitest';
import { heldOut } from '../../src/datasets/imdb/reviews.ts';
import { trainTestSplit } from '../../src/datasets/split.ts';

it('deals every row out once', () => {
  const { train, test } = trainTestSplit(1000, 200, 42);
  expect([train.length, test.length]).toEqual([800, 200]);
  expect([...train, ...test].sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
});

it('rounds the held out share up, as sklearn does', () => {
  expect(heldOut(25_000, 0.2)).toBe(5000);
  expect(heldOut(25_000, 0.00001)).toBe(1);
  expect(heldOut(10, 0.11)).toBe(2);
});

// RandomState(1).permutation(12): sklearn takes the test rows from its front.
it('holds out the front of the permutation', () => {
  const { train, test } = trainTestSplit(12, 3, 1);
  expect([...test]).toEqual([2, 3, 4]);
  expect([...train]).toEqual([10, 1, 6, 0, 7, 11, 9, 8, 5]);
});
