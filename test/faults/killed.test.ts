import { beforeAll, describe, expect, test } from 'vitest';
import { missing, openRig, resultOf, untilEnded, untilInside } from '../worker/rig.ts';
import { undisturbed } from '../worker/undisturbed.ts';

describe.skipIf(missing)('kill -9 in the middle of an epoch', () => {
  let expected: object;
  beforeAll(async () => {
    expected = await undisturbed();
  });

  test('of the trainer: another one goes on, and the result has the same bits', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit();
    await untilInside(rig, id, 2);
    process.kill(await worker.trainer(), 'SIGKILL');
    const run = await untilEnded(rig, id);
    expect(run.record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'trainer_lost', 'claimed', 'completed']);
    expect(run.record.attempt).toBe(2);
    expect(await resultOf(run)).toEqual(expected);
  });

  test('of the whole worker: another one goes on, and the result has the same bits', async () => {
    const rig = await openRig();
    const first = await rig.startWorker();
    const id = await rig.submit();
    await untilInside(rig, id, 2);
    await first.trainer();
    first.kill('SIGKILL');
    await rig.startWorker();
    const run = await untilEnded(rig, id);
    expect(run.record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'worker_lost', 'completed']);
    expect(await resultOf(run)).toEqual(expected);
  });
});
