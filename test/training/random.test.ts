import { describe, expect, it } from 'vitest';
import { normals, philox, randomWords, uniform } from '../../src/training/random.ts';
import { mean, variance } from './statistics.ts';

describe('philox', () => {
  // Random123, tests/kat_vectors, lines "philox4x32 10": counter [4], key [2], result [4].
  it.each([
    '00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8',
    'ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd',
    '243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1',
  ])('gives the known answer for %s', (line) => {
    const words = Uint32Array.from(line.split(' '), (word) => Number.parseInt(word, 16));
    const out = new Uint32Array(4);
    philox(words.subarray(0, 4), words.subarray(4, 6), out);
    expect(out).toEqual(words.subarray(6));
  });
});

describe('randomWords', () => {
  const first = (...place: Parameters<typeof randomWords>): number[] => Array.from({ length: 6 }, randomWords(...place));

  it('gives the same words for the same place', () => {
    expect(first(7, 'order', 3)).toEqual(first(7, 'order', 3));
  });

  it('shares no stream between seeds, purposes and counters', () => {
    const streams = [
      first(0, 'order', 0),
      first(1, 'order', 0),
      first(0xffffffff, 'order', 0),
      first(0, 'weights', 0),
      first(0, 'dropout', 0),
      first(0, 'order', 1),
      first(0, 'order', 0, 1),
      first(0, 'order', 0, 0, 1),
    ];
    expect(new Set(streams.flat()).size).toBe(streams.length * 6);
  });

  it('goes on into further blocks of the counter', () => {
    const words = Array.from({ length: 4000 }, randomWords(1, 'weights', 0));
    expect(new Set(words).size).toBeGreaterThan(3995);
  });
});

describe('uniform', () => {
  it('fills [0, 1) evenly', () => {
    const words = randomWords(3, 'dropout', 0);
    const values = Array.from({ length: 50_000 }, () => uniform(words));
    expect(Math.min(...values.slice(0, 20_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 20_000))).toBeLessThan(1);
    expect(mean(values)).toBeCloseTo(0.5, 2);
    expect(variance(values)).toBeCloseTo(1 / 12, 2);
  });
});

describe('normals', () => {
  it('have mean 0, variance 1, and the tails of a normal distribution', () => {
    const values = Array.from({ length: 100_000 }, normals(randomWords(3, 'weights', 0)));
    expect(Math.abs(mean(values))).toBeLessThan(0.015);
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.02);
    expect(values.filter((value) => Math.abs(value) > 1.96).length / values.length).toBeCloseTo(0.05, 2);
    expect(mean(values.map((value) => value ** 4))).toBeCloseTo(3, 0);
  });
});
