import { describe, expect, it } from 'vitest';
import { replay } from '../../../src/harness/keras/replay.ts';
import { goldenCases } from '../../golden.ts';
import { engines } from './engines.ts';

const cases = await goldenCases();

describe.each(engines())('core $info.variant', (engine) => {
  it.each(cases)('follows the trajectory that Keras recorded for $name', async ({ read }) => {
    const { maxLossRel, maxWeightAbs, maxPredictionAbs } = replay(engine, await read());
    expect(maxLossRel).toBeLessThan(1e-5);
    expect(maxWeightAbs).toBeLessThan(1e-4);
    expect(maxPredictionAbs ?? 0).toBeLessThan(1e-4);
  });
});
