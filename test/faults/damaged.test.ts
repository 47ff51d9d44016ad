import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { isAlive } from '../processes.ts';
import { openRig } from '../rig/rig.ts';
import { claimFolderOf, freezeInside, provenanceOf, resultOf, savedSteps, untilEnded } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';
import { until } from '../until.ts';

describe.skipIf(notBuilt)('one flipped bit in the newest checkpoint', () => {
  test('is noticed: training goes on from the checkpoint before it, its provenance says so, and the result has the same bits', async () => {
    const expected = await undisturbed();
    const rig = await openRig();
    const first = await rig.startWorker();
    const id = await rig.submit();
    const trainer = await freezeInside(rig, first, id, 3);
    first.kill('SIGKILL');
    process.kill(trainer, 'SIGKILL');
    await until(() => !isAlive(trainer), 'the trainer is gone');
    const history = await rig.runs.readHistory(id);
    const newest = (await savedSteps(rig, id)).at(-1) ?? 0;
    await flipBit(join(await claimFolderOf(rig, id), 'checkpoints', `${String(newest).padStart(10, '0')}.ckpt`));

    await rig.startWorker();
    await untilEnded(rig, id);
    expect((await provenanceOf(rig, id)).damaged_checkpoints).toEqual([{ step: newest, detail: expect.stringContaining('optimizer') }]);
    expect((await provenanceOf(rig, id))['resumed_from_step']).toBe(history.at(-2)?.step);
    expect(await resultOf(rig, id)).toEqual(expected);
  });
});

async function flipBit(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size - 1);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, size - 1);
  await file.close();
}
