import { describe, expect, it } from 'vitest';
import { kerasCaseSchema } from '../../../src/harness/keras/case.ts';
import { recordedBatches } from '../../../src/harness/keras/recorded-batches.ts';

const settings = (sizes: { batch_size?: number; steps?: number }) =>
  kerasCaseSchema.parse({ loss: 'mse', optimizer: { type: 'sgd' }, model: { lstm: [{ units: 1 }], output: { units: 1 } }, ...sizes });

const order = (shape: number[], ...rows: number[]) => ({ kind: 'numeric' as const, shape, data: BigInt64Array.from(rows, BigInt) });

const lists = (batches: Int32Array[]): number[][] => batches.map((batch) => [...batch]);

describe('the batches of a recording', () => {
  it('are the rows of a table, less the padding', () => {
    expect(lists(recordedBatches(order([2, 3], 4, 0, 2, 3, -1, -1), 5, settings({})))).toEqual([[4, 0, 2], [3]]);
  });

  it('are cut from a list, anew at each pass over the data', () => {
    expect(lists(recordedBatches(order([6], 2, 0, 1, 1, 2, 0), 3, settings({ batch_size: 2 })))).toEqual([[2, 0], [1], [1, 2], [0]]);
  });

  it('are as many as the case names', () => {
    expect(lists(recordedBatches(order([2, 1], 0, 1), 2, settings({ steps: 1 })))).toEqual([[0]]);
    expect(() => recordedBatches(order([2, 1], 0, 1), 2, settings({ steps: 3 }))).toThrow('order holds 2 steps: expected 3');
  });

  it('name only rows that the data has', () => {
    expect(() => recordedBatches(order([1, 2], 0, 2), 2, settings({}))).toThrow('order names row 2 in step 0: expected a row below 2');
    expect(() => recordedBatches(order([2, 1], 0, -1), 2, settings({}))).toThrow('order has no row in step 1');
  });
});
