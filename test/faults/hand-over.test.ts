import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openRig, type Rig } from '../rig/rig.ts';
import { progressOf, provenanceOf, resultOf, untilEnded, untilInside } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';
import { smallJob } from '../small-jobs.ts';
import { until } from '../until.ts';

/** More than a run may spend of attempts. */
const HAND_OVERS = 6;

describe.skipIf(notBuilt)('SIGTERM of the worker', () => {
  test(`${HAND_OVERS} times during one training spends no attempt and changes no bit`, async () => {
    const job = smallJob({ epochs: 2 * HAND_OVERS });
    const expected = await undisturbed(job);
    const rig = await openRig();
    const id = await rig.submit(job);
    let step = 0;
    const resumedFrom: number[] = [];
    for (let handOver = 1; handOver <= HAND_OVERS; handOver++) {
      const worker = await rig.startWorker();
      await until(async () => (await stepOf(rig, id)) > step, `training goes on after hand-over ${handOver - 1}`);
      step = await stepOf(rig, id);
      resumedFrom.push(Number((await provenanceOf(rig, id))['resumed_from_step']));
      expect(await worker.terminate()).toBe(0);
      const { record } = await rig.runs.read(id);
      expect(record).toMatchObject({ state: 'queued', reason: 'handed_over', attempt: 0, claim: handOver });
    }
    await rig.startWorker();
    const run = await untilEnded(rig, id);
    expect(run.record).toMatchObject({ state: 'succeeded', attempt: 1 });
    const epochEnds = (await rig.runs.readHistory(id)).map((epoch) => epoch.step);
    expect(resumedFrom.filter((from) => from > 0 && !epochEnds.includes(from)).length, 'resumptions in mid-epoch').toBeGreaterThan(1);
    expect(await resultOf(rig, id)).toEqual(expected);
  });

  test('of its trainer, as Ctrl-C in a terminal sends it to both, gives the run back as well', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit();
    await untilInside(rig, id, 1);
    process.kill(await worker.trainer(), 'SIGINT');
    const { record } = await untilEnded(rig, id);
    expect(record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'handed_over', 'claimed', 'completed']);
    expect(record.attempt).toBe(1);
  });
});

async function stepOf(rig: Rig, id: string): Promise<number> {
  const progress = await progressOf(rig, id);
  return progress === null ? 0 : (progress.epoch - 1) * progress.stepsPerEpoch + progress.step;
}
