import { expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { savedSteps, untilEnded } from '../rig/trained.ts';
import { QUICK } from '../small-jobs.ts';

test.skipIf(notBuilt)('a run that keeps the last three of its checkpoints leaves those and the best one', async () => {
  const rig = await openRig();
  await rig.startWorker();
  const callbacks = { early_stopping: null, checkpoint: { save_best_only: false, keep_last: 3 } };
  const id = await rig.submit({ ...QUICK, training: { ...QUICK.training, epochs: 8 }, callbacks });
  const { record, checkpoints } = await untilEnded(rig, id);
  const history = await rig.runs.readHistory(id);
  expect(record.state).toBe('succeeded');
  const expected = [...new Set([...history.slice(-3).map(({ step }) => step), checkpoints.best?.step ?? 0])];
  expect(await savedSteps(rig, id)).toEqual(expected.sort((a, b) => a - b));
});
