import { describe, expect, it } from 'vitest';
import { cores } from './engines.ts';

const FUNCTIONS = [
  { name: 'exp', index: 0, reference: Math.exp, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, bound: 2 },
  { name: 'tanh', index: 1, reference: Math.tanh, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, bound: 2 },
  // Near 0 a sigmoid ends in a denormal number, which is cut off.
  { name: 'sigmoid', index: 2, reference: (x: number) => 1 / (1 + Math.exp(-x)), from: -80, to: Number.POSITIVE_INFINITY, bound: 4 },
  { name: 'log', index: 3, reference: Math.log, from: 1.2e-38, to: 3.4e38, bound: 2 },
];

/** A hundred thousand float32 from all that there are, and the places where something changes. */
function numbers(from: number, to: number): Float32Array {
  const bits = Uint32Array.from({ length: 100_000 }, (_, i) => i * 42_949);
  const all = [...new Float32Array(bits.buffer), 0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, 88.7228, 88.723, -103.97, -103.98, -87.3365];
  const finite = all.filter((x) => x >= from && x <= to);
  while (finite.length % 16) finite.push(1);
  return Float32Array.from(finite);
}

/** The distance between neighbours at x in float32. */
const ulp = (x: number): number => 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 23, -149);

/** Of float32 results from the exact ones, in ulp. */
function worst(found: Float32Array, exact: readonly number[]): number {
  let most = 0;
  for (const [i, value] of found.entries()) {
    const expected = exact[i]!;
    if (Math.fround(expected) === value) continue;
    most = Math.max(most, Math.abs(value - expected) / ulp(expected));
  }
  return most;
}

describe.each(cores(1))('core $kind $instructionSet', (core) => {
  it.each(FUNCTIONS)('gives $name within $bound units in the last place, over its whole range', ({ index, reference, from, to, bound }) => {
    const x = numbers(from, to);
    const found = x.slice();
    core.apply(index, found);
    expect(worst(found, Array.from(x, reference))).toBeLessThanOrEqual(bound);
  });

  it.each(FUNCTIONS.slice(0, 3))('hands NaN on through $name', ({ index }) => {
    const found = new Float32Array(16).fill(Number.NaN);
    core.apply(index, found);
    expect([...found].every(Number.isNaN)).toBe(true);
  });
});
