import { beforeAll, describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { freezeInside, provenanceOf, resultOf, untilEnded } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';

describe.skipIf(notBuilt)('kill -9 in the middle of an epoch', () => {
  let expected: object;
  beforeAll(async () => {
    expected = await undisturbed();
  });

  test('of the trainer: another one goes on, and the result has the same bits', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit();
    process.kill(await freezeInside(rig, worker, id, 2), 'SIGKILL');
    const history = await rig.runs.readHistory(id);
    const run = await untilEnded(rig, id);
    expect(run.record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'trainer_lost', 'claimed', 'completed']);
    expect(run.record.attempt).toBe(2);
    expect((await provenanceOf(rig, id))['resumed_from_step']).toBe(history.at(-1)?.step);
    expect(await resultOf(rig, id)).toEqual(expected);
  });

  test('of the whole worker: another one goes on, and the result has the same bits', async () => {
    const rig = await openRig();
    const first = await rig.startWorker();
    const id = await rig.submit();
    const trainer = await freezeInside(rig, first, id, 2);
    const history = await rig.runs.readHistory(id);
    first.kill('SIGKILL');
    process.kill(trainer, 'SIGCONT');
    await rig.startWorker();
    const run = await untilEnded(rig, id);
    expect(run.record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'worker_lost', 'completed']);
    expect((await provenanceOf(rig, id))['resumed_from_step']).toBe(history.at(-1)?.step);
    expect(await resultOf(rig, id)).toEqual(expected);
  });
});
