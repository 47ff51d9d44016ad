import { describe, expect, it } from 'vitest';
import { epochOrder } from '../../src/training/order.ts';
import { mean } from './statistics.ts';

describe('epochOrder', () => {
  it.each([1, 2, 7, 1000])('is a permutation of %i rows', (rows) => {
    expect(Array.from(epochOrder(5, 0, rows)).sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
  });

  it('depends on seed and epoch alone', () => {
    expect(epochOrder(5, 3, 100)).toEqual(epochOrder(5, 3, 100));
    expect(epochOrder(5, 3, 100)).not.toEqual(epochOrder(6, 3, 100));
  });

  it('never comes back in a later epoch', () => {
    const orders = Array.from({ length: 2000 }, (_, epoch) => epochOrder(1, epoch, 50).join());
    expect(new Set(orders).size).toBe(2000);
  });

  it('favours no permutation: all 24 of 4 rows come equally often', () => {
    const counts = new Map<string, number>();
    const epochs = 24_000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = epochOrder(9, epoch, 4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const expected = epochs / 24;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(24);
    expect(chiSquare, 'p = 0.001 at 23 degrees of freedom').toBeLessThan(49.7);
  });

  it('moves rows anywhere', () => {
    expect(mean(Array.from({ length: 400 }, (_, epoch) => epochOrder(1, epoch, 1000)[0]!))).toBeGreaterThan(440);
  });
});
