import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCases, readRecording } from '../../../src/harness/keras/recording.ts';
import { replay } from '../../../src/harness/keras/replay.ts';
import { engines } from './engines.ts';

const folders = ['../../golden', '../../golden/more', '../../golden/dropout'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
const cases = (
  await Promise.all(
    folders.map(async (folder) => Object.entries(await readCases(folder)).map(([name, entry]) => ({ folder, name, entry }))),
  )
).flat();

describe.each(engines())('core $info.variant', (engine) => {
  it.each(cases)('follows the trajectory that Keras recorded for $name', async ({ folder, name, entry }) => {
    const { maxLossRel, maxWeightAbs, maxPredictionAbs } = replay(engine, await readRecording(folder, name, entry));
    expect(maxLossRel).toBeLessThan(1e-5);
    expect(maxWeightAbs).toBeLessThan(1e-4);
    expect(maxPredictionAbs ?? 0).toBeLessThan(1e-4);
  });
});
