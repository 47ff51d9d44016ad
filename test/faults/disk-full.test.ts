import { rm } from 'node:fs/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { fill, mount, unmount, whyNoDisk } from '../disks/small-disk.ts';
import { closeRigs, openRig, type Rig } from '../rig/rig.ts';
import { freezeInside, resultOf, untilEnded } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';
import { skipReason } from '../skip.ts';
import { until } from '../until.ts';

const cannotMount = skipReason('tests of a full disk', notBuilt, whyNoDisk());

describe.skipIf(cannotMount)('a disk that is full', () => {
  const mounted: string[] = [];
  let expected: object;
  beforeAll(async () => {
    expected = await undisturbed();
  });
  afterEach(async () => {
    try {
      await closeRigs();
    } finally {
      for (const folder of mounted.splice(0)) unmount(folder);
    }
  });

  for (const [title, spared] of [
    ['to the last byte', 0],
    ['so that records fit but no checkpoint does', 24 * 1024],
  ] as const) {
    test(`${title} costs nothing but time: when there is room again the run goes on, with the same bits`, async () => {
      const folder = mount('8m');
      mounted.push(folder);
      const rig = await openRig(folder);
      const worker = await rig.startWorker({ queue: { retryDelayMs: 200 } });
      const id = await rig.submit();
      const trainer = await freezeInside(rig, worker, id, 2);
      const filler = await fill(folder, spared);
      process.kill(trainer, 'SIGCONT');
      await until(() => worker.log().includes('no room to write'), 'a write has failed');
      await until(() => worker.log().includes('tried again after a pause'), 'the run waits for room');
      if (spared > 0) await expectNamedCause(rig, id);
      await rm(filler);
      const run = await untilEnded(rig, id);
      expect(run.record.state).toBe('succeeded');
      expect(await resultOf(rig, id)).toEqual(expected);
    });
  }
});

async function expectNamedCause({ runs }: Rig, id: string): Promise<void> {
  const { transitions } = await runs.readRecord(id);
  expect(transitions.map(({ reason }) => reason)).toContain('storage_full');
}
