import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { isAlive } from '../processes.ts';
import { openRig } from '../rig/rig.ts';
import { freezeInside, manifestOf, resultOf, untilEnded } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';
import { until } from '../until.ts';

describe.skipIf(notBuilt)('one flipped bit in the newest checkpoint', () => {
  test('is noticed: training goes on from the checkpoint before it, an event says so, and the result has the same bits', async () => {
    const expected = await undisturbed();
    const rig = await openRig();
    const first = await rig.startWorker();
    const id = await rig.submit();
    const trainer = await freezeInside(rig, first, id, 3);
    first.kill('SIGKILL');
    process.kill(trainer, 'SIGKILL');
    await until(() => !isAlive(trainer), 'the trainer is gone');
    const { claimPath, history } = await rig.runs.read(id);
    const checkpoints = join(claimPath ?? '', 'checkpoints');
    const newest =
      (await readdir(checkpoints))
        .filter((name) => /^\d+$/.test(name))
        .sort()
        .at(-1) ?? '';
    await flipBit(join(checkpoints, newest, 'optimizer.safetensors'));

    await rig.startWorker();
    const run = await untilEnded(rig, id);
    const events = (await readFile(join(run.claimPath ?? '', 'events.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toEqual([expect.objectContaining({ type: 'checkpoint_damaged', step: Number(newest) })]);
    expect((await manifestOf(run))['resumed_from_step']).toBe(history.at(-2)?.step);
    expect(await resultOf(run)).toEqual(expected);
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
