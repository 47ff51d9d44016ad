import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { progressOf, provenanceOf, resultOf, savedSteps, untilEnded } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';
import { smallJob } from '../small-jobs.ts';
import { until } from '../until.ts';

/** Few batches of training, and a validation that takes seconds. */
const LONG_VALIDATION = smallJob(
  { epochs: 1 },
  {
    dataset: { source: 'imdb-mini', num_words: 100, maxlen: 100, validation_split: 0.9 },
    model: { embedding: { output_dim: 4 }, lstm: [{ units: 32, dropout: 0.2 }] },
  },
);

describe.skipIf(notBuilt)('a worker that is told to end in the middle of a long validation', () => {
  test('has it stopped within a batch, and the next one goes on there, to the same bits', async () => {
    const expected = await undisturbed(LONG_VALIDATION);
    const rig = await openRig();
    const worker = await rig.startWorker({ trainer: { graceMs: 1_000 } });
    const id = await rig.submit(LONG_VALIDATION);
    const isInValidation = async (): Promise<boolean> => {
      const progress = await progressOf(rig, id);
      return progress !== null && progress.step === progress.stepsPerEpoch;
    };
    await until(isInValidation, 'the validation has begun');
    const steps = (await progressOf(rig, id))?.stepsPerEpoch;
    expect(await worker.terminate()).toBe(0);
    expect(await rig.runs.read(id)).toMatchObject({ epochs: 0, record: { state: 'queued', reason: 'handed_over', attempt: 0 } });
    expect(await savedSteps(rig, id)).toEqual([steps]);
    await rig.startWorker();
    expect((await untilEnded(rig, id)).record).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect((await provenanceOf(rig, id))['resumed_from_step']).toBe(steps);
    expect(await resultOf(rig, id)).toEqual(expected);
    expect(await savedSteps(rig, id)).toEqual([steps]);
  });
});
