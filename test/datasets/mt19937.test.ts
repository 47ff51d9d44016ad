import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { randomState } from '../../src/datasets/mt19937.ts';
import { readNpz } from '../../src/formats/npz.ts';
import { GOLDEN } from '../golden.ts';

// numpy.random.RandomState(seed).permutation(12), numpy 2.4.6
it.each([
  [0, [6, 11, 4, 10, 2, 8, 1, 7, 9, 3, 0, 5]],
  [1, [2, 3, 4, 10, 1, 6, 0, 7, 11, 9, 8, 5]],
  [113, [4, 3, 9, 8, 1, 0, 11, 7, 6, 10, 2, 5]],
  [4294967295, [11, 8, 5, 9, 1, 10, 6, 0, 4, 7, 2, 3]],
])('permutes 12 rows as numpy does with seed %i', (seed, expected) => {
  expect([...randomState(seed).permutation(12)]).toEqual(expected);
});

it('stays with numpy over many refills of its state', () => {
  expect([...randomState(5).permutation(100_000).subarray(-5)]).toEqual([59465, 5520, 20463, 18638, 35683]);
});

it('gives the recorded permutations of 25,000 reviews', async () => {
  const golden = await readNpz(await readFile(join(GOLDEN, 'imdb-split.npz')), 'imdb-split.npz');
  expect(randomState(42).permutation(25_000)).toEqual(golden.numbers('permutation_42_25000').data);
  expect(randomState(113).permutation(25_000)).toEqual(golden.numbers('shuffle_113_25000').data);
});

it('permutes nothing and one row', () => {
  expect([...randomState(1).permutation(0)]).toEqual([]);
  expect([...randomState(1).permutation(1)]).toEqual([0]);
});
