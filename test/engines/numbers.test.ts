import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DataShape } from '../../src/contract/data-shape.ts';
import { parseSpec } from '../../src/contract/explain/parse.ts';
import type { Spec } from '../../src/contract/spec.ts';
import { checkRules } from '../../src/contract/spec-rules.ts';
import { loadEngine } from '../../src/engines/select.ts';
import { type Recording, readCases, readRecording } from '../../src/harness/keras/recording.ts';
import { replay } from '../../src/harness/keras/replay.ts';
import { estimateCost } from '../../src/plan/cost.ts';
import { countParameters, planSpec } from '../../src/plan/plan.ts';
import { engineNames } from './names.ts';

/** Of those that Keras recorded, the ones over numbers: one layer, two, both ways; one feature and several; one target and three. */
const CASES = [
  ['.', 'bidirectional_regression'],
  ['more', 'stacked_numbers'],
  ['more', 'one_feature'],
  ['more', 'squares_of_three'],
  ['more', 'huber'],
  ['more', 'mean_absolute_error'],
  ['more', 'all_ones'],
] as const;

async function recordingOf(folder: string, name: string): Promise<Recording> {
  const path = fileURLToPath(new URL(`../golden/${folder}`, import.meta.url));
  return readRecording(path, name, (await readCases(path))[name]);
}

/** The recorded model as a body of POST /v1/jobs. No source yields numbers yet: the one it names is not looked at. */
function specOf({ plan, settings }: Recording): Spec {
  const lstm = plan.lstm.map(({ units, bidirectional }) => ({ units, bidirectional }));
  const { optimizer, loss } = settings;
  return parseSpec({
    dataset: { source: 'imdb-mini' },
    model: { embedding: null, lstm },
    training: { optimizer, loss, metrics: ['mean_absolute_error'] },
  });
}

const shapeOf = ({ plan, rows }: Recording): DataShape => ({
  input: plan.input,
  classes: null,
  targetSize: plan.output.units,
  trainRows: rows.rows,
  validationRows: 1,
});

describe.each(engineNames('training over numbers'))('a spec without an embedding, over numbers, on %s', (engine) => {
  it.each(CASES)('follows what Keras recorded: %s/%s', async (folder, name) => {
    const recording = await recordingOf(folder, name);
    const spec = specOf(recording);
    expect(checkRules(spec, shapeOf(recording))).toEqual([]);
    const plan = planSpec(spec, shapeOf(recording));
    const deviation = replay(await loadEngine(engine), { ...recording, plan });
    expect(deviation.maxLossRel).toBeLessThan(1e-5);
    expect(deviation.maxWeightAbs).toBeLessThan(1e-4);
    expect(deviation.maxPredictionAbs ?? 0).toBeLessThan(1e-4);
  });
});

it('counts no embedding among the parameters and the memory of such a job', async () => {
  const recording = await recordingOf('more', 'stacked_numbers');
  const spec = specOf(recording);
  const plan = planSpec(spec, shapeOf(recording));
  expect(countParameters(plan)).toBe(4 * 4 * (2 + 4 + 1) + 4 * 3 * (4 + 3 + 1) + 3 + 1);
  expect(estimateCost(plan, spec, shapeOf(recording)).weightBytes, 'weights, gradients and both slots of Adam').toBe(
    4 * 4 * countParameters(plan),
  );
});
