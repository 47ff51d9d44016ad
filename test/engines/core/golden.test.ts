import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCases, readRecording } from '../../../src/harness/recording.ts';
import { replay } from '../../../src/harness/replay.ts';
import { engines } from './engines.ts';

const folder = join(process.env['EPOCHD_SHARED'] ?? 'test', 'golden');
const cases = Object.entries(await readCases(folder));

describe.each(engines())('core $info.variant', (engine) => {
  it.each(cases)('follows the trajectory that Keras recorded for %s', async (name, entry) => {
    const { maxLossRel, maxWeightAbs, maxPredictionAbs } = replay(engine, await readRecording(folder, name, entry));
    expect(maxLossRel).toBeLessThan(1e-5);
    expect(maxWeightAbs).toBeLessThan(1e-4);
    expect(maxPredictionAbs ?? 0).toBeLessThan(1e-4);
  });
});
