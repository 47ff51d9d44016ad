import { type Draw, randomWords } from '../../src/training/random.ts';

/** What a seed decides: the same seed and stream give the same choices. */
export interface Chance {
  /** A whole number from 0, below the limit. */
  below(limit: number): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Each stream of a seed is one of its own, so that what happens at the same time does not disturb each other's choices. */
export function openChance(seed: number, ...stream: readonly number[]): Chance {
  const words: Draw = randomWords(seed, 'order', ...stream);
  const below = (limit: number): number => words() % limit;
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    pick(from) {
      if (from.length === 0) throw new Error('nothing to pick from');
      return from[below(from.length)]!;
    },
  };
}
