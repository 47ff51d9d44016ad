import { describe, expect, it } from 'vitest';
import type { DropoutSite } from '../../src/plan/plan.ts';
import { dropoutMasks } from '../../src/training/dropout.ts';
import { mean } from './statistics.ts';

const site = (rate: number, width: number): DropoutSite => ({
  layer: 'lstm',
  index: 0,
  on: 'input',
  direction: 'forward',
  gate: null,
  width,
  rate,
});
const SITES = [site(0.3, 40), site(0.5, 8)];

describe('dropoutMasks', () => {
  it('gives each site a mask [rows, width] of 0 and 1 / (1 - rate)', () => {
    const [first, second] = dropoutMasks(SITES, 1, 64)(0, 10);
    expect(first).toHaveLength(400);
    expect(second).toHaveLength(80);
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    expect(new Set(second)).toEqual(new Set([0, 2]));
  });

  it.each([0.01, 0.3, 0.95])('drops a share of %d, and leaves the mean as it is', (rate) => {
    const [mask] = dropoutMasks([site(rate, 1000)], 4, 100)(17, 100);
    expect(mask!.filter((value) => value === 0).length / mask!.length).toBeCloseTo(rate, 2);
    expect(Math.abs(mean(mask!) - 1)).toBeLessThan(0.05);
  });

  it('gives the same masks for the same seed, step and site, whatever was drawn before', () => {
    const one = dropoutMasks(SITES, 1, 64);
    one(0, 64);
    const other = dropoutMasks(SITES, 1, 32);
    expect(one(5, 20)).toEqual(other(5, 20));
  });

  it('repeats no mask over steps, sites and seeds', () => {
    const sites = [site(0.5, 100), site(0.5, 100)];
    const masks = [1, 2].flatMap((seed) => {
      const draw = dropoutMasks(sites, seed, 1);
      return [...Array.from({ length: 500 }, (_, step) => step), 2 ** 32, 2 ** 32 + 1].flatMap((step) =>
        draw(step, 1).map((mask) => mask.join()),
      );
    });
    expect(new Set(masks).size).toBe(masks.length);
  });

  it('draws the rows of a batch differently', () => {
    const [mask] = dropoutMasks([site(0.5, 100)], 1, 2)(0, 2);
    expect(mask!.slice(0, 100)).not.toEqual(mask!.slice(100));
  });

  it('lays out its buffers once', () => {
    const draw = dropoutMasks(SITES, 1, 64);
    expect(draw(0, 64)[0]!.buffer).toBe(draw(1, 30)[0]!.buffer);
  });
});
