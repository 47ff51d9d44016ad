/*
 *   seed, purpose  -> key [2]      \
 *                                    Philox4x32-10 -> four 32-bit words
 *   block, counters -> counter [4] /
 *
 * The generator has no state that could be lost: the same place in a run always yields the same numbers.
 * Source: Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011), and Random123's tests/kat_vectors.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Part of the key, so that no two uses of a seed share numbers. */
const PURPOSES = { weights: 1, order: 2, dropout: 3, bench: 4 } as const;

export type Purpose = keyof typeof PURPOSES;

/** Yields the next value of a stream. */
export type Draw = () => number;

/** Philox4x32-10: writes the four words of `counter` [4] under `key` [2] to `out` [4]. */
export function philox(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  let [c0, c1, c2, c3] = counter as unknown as [number, number, number, number];
  let [k0, k1] = key as unknown as [number, number];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The stream of uniform 32-bit words that belongs to a seed, a purpose and up to three counters, each below 2^32. */
export function randomWords(seed: number, purpose: Purpose, ...counters: readonly number[]): Draw {
  const key = Uint32Array.of(seed, PURPOSES[purpose]);
  const counter = new Uint32Array(4);
  counter.set(counters, 1);
  const block = new Uint32Array(4);
  let next = 4;
  return () => {
    if (next === 4) {
      philox(counter, key, block);
      counter[0]! += 1;
      next = 0;
    }
    return block[next++]!;
  };
}

/** Uniform in [0, 1). */
export const uniform = (words: Draw): number => words() / 2 ** 32;

/** Standard normal values, by Box and Muller. */
export function normals(words: Draw): Draw {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(words)));
    const angle = 2 * Math.PI * uniform(words);
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** The upper 32 bits of the 64-bit product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}
