import { expect, it } from 'vitest';
import { padSequences } from '../../src/datasets/pad.ts';

const sequences = { values: Int32Array.of(1, 2, 3, 4, 5, 6), offsets: Int32Array.of(0, 3, 3, 4, 6) };

it('keeps the last values of a long row and puts zeros in front of a short one', () => {
  expect([...padSequences(sequences, Int32Array.of(0, 1, 2, 3), 2)]).toEqual([2, 3, 0, 0, 0, 4, 5, 6]);
});

it('takes the rows in the order asked for, more than once if asked', () => {
  expect([...padSequences(sequences, Int32Array.of(3, 0, 3), 3)]).toEqual([0, 5, 6, 1, 2, 3, 0, 5, 6]);
});
