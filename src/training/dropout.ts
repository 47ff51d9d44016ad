import type { DropoutSite } from '../plan/plan.ts';
import { randomWords } from './random.ts';

/** Draws the masks of one step: for each site [rows, width], 0 or 1 / (1 - rate). Valid until the next call. */
export type DrawMasks = (iteration: number, rows: number) => readonly Float32Array[];

/** Masks come from (seed, iteration, index of the site) alone. Buffers are laid out once, for at most `maxRows` rows. */
export function dropoutMasks(sites: readonly DropoutSite[], seed: number, maxRows: number): DrawMasks {
  const buffers = sites.map(({ width }) => new Float32Array(maxRows * width));
  return (iteration, rows) =>
    sites.map((site, index) => {
      const mask = buffers[index]!.subarray(0, rows * site.width);
      drawMask(mask, site.rate, seed, iteration, index);
      return mask;
    });
}

function drawMask(mask: Float32Array, rate: number, seed: number, iteration: number, index: number): void {
  const words = randomWords(seed, 'dropout', index, iteration % 2 ** 32, Math.floor(iteration / 2 ** 32));
  const threshold = rate * 2 ** 32;
  const scale = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = words() < threshold ? 0 : scale;
}
