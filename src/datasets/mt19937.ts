const N = 624;
const M = 397;

/** numpy's legacy random generator, as far as shuffling needs it. */
export interface RandomState {
  /** 0 up to n - 1 in random order, as RandomState.permutation gives it. */
  permutation(n: number): Int32Array;
}

/**
 * The generator that numpy.random.RandomState(seed) is, for an integer seed in [0, 2^32).
 * Source: numpy/random/src/mt19937/mt19937.c (mt19937_seed, mt19937_gen) and random_interval in distributions.c
 */
export function randomState(seed: number): RandomState {
  const state = seeded(seed);
  let position = N;

  function next(): number {
    if (position === N) {
      regenerate(state);
      position = 0;
    }
    return temper(state[position++] ?? 0);
  }

  /** Uniform in [0, max]: draws until the low bits fit, so that no value is favoured. */
  function interval(max: number): number {
    const mask = 0xffffffff >>> Math.clz32(max);
    let value = next() & mask;
    while (value > max) value = next() & mask;
    return value;
  }

  /** In place, as RandomState.shuffle does it. */
  function shuffle(values: Int32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = interval(i);
      const swapped = values[i] ?? 0;
      values[i] = values[j] ?? 0;
      values[j] = swapped;
    }
  }

  function permutation(n: number): Int32Array {
    const values = Int32Array.from({ length: n }, (_, index) => index);
    shuffle(values);
    return values;
  }

  return { permutation };
}

function seeded(seed: number): Uint32Array {
  const state = new Uint32Array(N);
  state[0] = seed;
  for (let i = 1; i < N; i++) {
    const previous = state[i - 1] ?? 0;
    state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  return state;
}

function regenerate(state: Uint32Array): void {
  for (let i = 0; i < N; i++) {
    const y = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % N] ?? 0) & 0x7fffffff);
    state[i] = (state[(i + M) % N] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}

function temper(value: number): number {
  let y = value;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return (y ^ (y >>> 18)) >>> 0;
}
