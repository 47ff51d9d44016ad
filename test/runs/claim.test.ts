import { createHash } from 'node:crypto';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { NamedArray } from '../../src/contract/arrays.ts';
import { FenceLost, TrainerLost } from '../../src/contract/errors.ts';
import { advance, keepSteps } from '../../src/training/state.ts';
import { CLOCK } from '../births.ts';
import { checkpointAfter, checkpointOf } from './checkpoints.ts';
import { claimant, claimed, fileOf, newRun, pointsOf, saveEpochs, spec } from './claimed-run.ts';

async function hashTree(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path) => [
        path,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ]),
    ),
  );
}

test('a checkpoint comes back bit for bit, NaN and -0 included', async () => {
  const { runs, id } = await newRun();
  await saveEpochs(runs, id, [0.5]);
  const { writer } = await claimed(runs, id);
  const loaded = await writer.loadNewest();
  const { state, weights, optimizer } = checkpointAfter(spec, [0.5]);
  expect(loaded?.state).toEqual(state);
  const bytesOf = ({ data }: NamedArray): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  expect(bytesOf(loaded!.weights[0]!)).toEqual(bytesOf(weights[0]!));
  expect(loaded?.optimizer).toEqual(optimizer);
});

test('only the newest checkpoint, the one before it and the best one are kept', async () => {
  const { runs, id, folder } = await newRun();
  await saveEpochs(runs, id, [0.9, 0.5, 0.8, 0.7, 0.6]);
  const steps = await readdir(join(folder, 'claims/0001/checkpoints'));
  expect(steps.map((name) => Number.parseInt(name, 10))).toEqual([20, 40, 50]);
  expect((await runs.read(id)).checkpoints).toMatchObject({
    best: { step: 20, epoch: 2, metrics: { val_loss: 0.5 } },
    latest: { step: 50, epoch: 5 },
  });
});

test('the revision rises with each epoch and each change of state, across workers', async () => {
  const { runs, id } = await newRun();
  const revisions = [(await runs.read(id)).revision];
  await saveEpochs(runs, id, [0.5, 0.4, 0.3]);
  revisions.push((await runs.read(id)).revision);
  const { writer } = await claimed(runs, id);
  revisions.push((await runs.read(id)).revision);
  const next = checkpointAfter(spec, [0.5, 0.4, 0.3, 0.2]);
  await writer.save(next, keepSteps(next.state, spec));
  await writer.appendHistory(next.state.history[3]!, next.state.points);
  revisions.push((await runs.read(id)).revision);
  expect(revisions).toEqual([1, 5, 6, 7]);
});

test('a run that gains an epoch with each attempt is never given up, however often its trainer is lost', async () => {
  const { runs, id } = await newRun();
  const losses: number[] = [];
  for (let i = 1; i <= 8; i++) {
    const { claim } = await runs.claim(id, { worker: 'w1', maxAttempts: 2 });
    const writer = await runs.openClaim(id, claim, CLOCK);
    losses.push(1 / i);
    const checkpoint = checkpointAfter(spec, losses);
    await writer.save(checkpoint, keepSteps(checkpoint.state, spec));
    await writer.appendHistory(checkpoint.state.history.at(-1)!, checkpoint.state.points);
    expect((await runs.end(id, claim, { type: 'failed', error: new TrainerLost('killed') }, 0)).state).toBe('queued');
  }
  expect((await runs.claim(id, { worker: 'w1', maxAttempts: 2 })).state).toBe('running');
});

test('a writer whose claim was taken over changes no file, and is told', async () => {
  const { runs, id, folder } = await newRun();
  const { claim, writer: zombie } = await saveEpochs(runs, id, [0.5, 0.4]);
  const { claim: successor } = await claimed(runs, id);
  await runs.end(id, successor, { type: 'finished', reason: 'completed' }, 0);
  const before = await hashTree(folder);
  const stale = checkpointAfter(spec, [0.5, 0.4, 0.1]);
  await expect(zombie.save(stale, [30])).rejects.toThrow(FenceLost);
  await expect(zombie.appendHistory(stale.state.history[2]!, [])).rejects.toThrow(FenceLost);
  await expect(zombie.writeProvenance({})).rejects.toThrow(FenceLost);
  await expect(runs.end(id, claim, { type: 'failed', error: new FenceLost('late') }, 0)).rejects.toThrow(FenceLost);
  await expect(runs.openClaim(id, claim, CLOCK)).rejects.toThrow(FenceLost);
  expect(await hashTree(folder)).toEqual(before);
});

test('a writer that passed the guard before it was stopped writes where nobody looks', async () => {
  const { runs, id, folder } = await newRun();
  await saveEpochs(runs, id, [0.5, 0.4]);
  await claimed(runs, id);
  const seen = await runs.read(id);
  await writeFile(join(folder, 'claims/0001/history/000000.jsonl'), '{"epoch":99}\n');
  await unlink(fileOf(folder, 1, 20));
  await writeFile(fileOf(folder, 1, 20), 'written late');
  expect(await runs.read(id)).toEqual(seen);
  expect((await (await claimed(runs, id)).writer.loadNewest())?.state.step).toBe(20);
});

test('an epoch whose checkpoint was saved but not yet published appears in the history of the next claim, once', async () => {
  const { runs, id } = await newRun();
  const { writer } = await saveEpochs(runs, id, [0.5, 0.4]);
  const unpublished = checkpointAfter(spec, [0.5, 0.4, 0.3]);
  await writer.save(unpublished, keepSteps(unpublished.state, spec));
  await claimed(runs, id);
  expect((await runs.readHistory(id)).map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  expect((await pointsOf(runs, id)).map(({ step }) => step)).toEqual([10, 20, 30]);
});

test('a checkpoint in the middle of an epoch is gone on from, and its epoch is not in the history yet', async () => {
  const { runs, id } = await newRun();
  const { writer } = await saveEpochs(runs, id, [0.5]);
  const { state } = checkpointAfter(spec, [0.5]);
  const middle = { ...state, step: 14, cursor: { batch: 4, rows: 256, sums: [1.25] }, points: [{ epoch: 2, step: 12, loss: 0.4 }] };
  await writer.save(checkpointOf(middle), keepSteps(middle, spec));
  const next = await claimed(runs, id);
  expect((await next.writer.loadNewest())?.state).toEqual(middle);
  expect((await runs.readHistory(id)).map(({ epoch }) => epoch)).toEqual([1]);
  const done = advance(
    { ...middle, cursor: null },
    { step: 20, logs: { val_loss: 0.3 }, points: [{ epoch: 2, step: 20, loss: 0.3 }] },
    spec,
  );
  await next.writer.save(checkpointOf(done), keepSteps(done, spec));
  await next.writer.appendHistory(done.history[1]!, done.points);
  expect((await runs.readHistory(id)).map(({ epoch }) => epoch)).toEqual([1, 2]);
});

test('when a run ends only the folder with its results stays', async () => {
  const { runs, id, folder } = await newRun();
  await saveEpochs(runs, id, [0.5]);
  await claimed(runs, id);
  const { claim, writer } = await claimed(runs, id);
  await writer.finish((await writer.loadNewest())!.state);
  await runs.end(id, claim, { type: 'finished', reason: 'completed' }, 0);
  expect(await readdir(join(folder, 'claims'))).toEqual(['0003']);
  expect((await runs.read(id)).checkpoints.latest?.step).toBe(10);
});

test('a run that fails before its trainer prepared anything keeps what the claim before it had', async () => {
  const { runs, id } = await newRun();
  await saveEpochs(runs, id, [0.5]);
  const { claim } = await runs.claim(id, claimant);
  await runs.end(id, claim, { type: 'failed', error: new FenceLost('no data') }, 0);
  expect(await runs.readHistory(id)).toHaveLength(1);
});
