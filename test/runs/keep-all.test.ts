import { expect, test } from 'vitest';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import type { Blobs } from '../../src/storage/storage.ts';
import { advance, initialState, keepSteps } from '../../src/training/state.ts';
import { birthOf, CLOCK } from '../births.ts';
import { temporaryFolder } from '../folders.ts';
import { newJobId, seedSpec } from '../seed-job.ts';
import { checkpointOf } from './checkpoints.ts';
import { claimed } from './claimed-run.ts';

const spec = seedSpec({ training: { epochs: 10_000 }, callbacks: { early_stopping: null, checkpoint: { save_best_only: false } } });

/** A run that keeps every checkpoint; its best epoch is the first. */
async function keepAll(runs: Runs, id: string, epochs: number, each: (epoch: number) => Promise<void>) {
  await runs.create(id, await birthOf(spec));
  const { writer } = await claimed(runs, id);
  let state = initialState(spec);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const val_loss = 0.5 + epoch / 1000;
    state = advance(state, { step: epoch, logs: { loss: val_loss, val_loss }, points: [{ epoch, step: epoch, loss: 1 }] }, spec);
    await writer.save(checkpointOf(state), keepSteps(state, spec));
    await writer.appendHistory(state.history.at(-1)!, state.points);
    await each(epoch);
  }
  return state;
}

/** Nothing here waits for a disk: what is counted is the same. */
const withoutWaiting = (blobs: Blobs): Blobs => ({ ...blobs, put: (key, bytes) => blobs.put(key, bytes, { durable: false }) });

async function bytesBelow(blobs: Blobs, prefix: string): Promise<number> {
  const sizes = (await blobs.children(prefix)).map(async (name) => (await blobs.size(`${prefix}/${name}`)) ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('a run that keeps all its checkpoints takes room in proportion to its epochs, and to go on it reads two of a thousand', {
  timeout: 120_000,
}, async () => {
  const blobs = withoutWaiting(await openFolder(temporaryFolder()));
  const id = newJobId();
  const bytes = new Map<number, number>();
  const state = await keepAll(openRuns(blobs), id, 1_000, async (epoch) => {
    if (epoch % 250 === 0) bytes.set(epoch, await bytesBelow(blobs, `runs/${id}/claims/0001/checkpoints`));
  });
  expect(bytes.get(1_000)! / bytes.get(250)!).toBeLessThan(4.1);
  const read = new Set<string>();
  const counting: Blobs = {
    ...blobs,
    get(key, range) {
      if (key.includes('/claims/0001/checkpoints/')) read.add(key.split('/').at(-1) ?? '');
      return blobs.get(key, range);
    },
  };
  const runs = openRuns(counting);
  const { claim } = await runs.claim(id, { worker: 'w2', maxAttempts: 3 });
  const { resumed } = await runs.openClaim(id, claim, CLOCK);
  expect(resumed).toEqual(state);
  expect([...read].sort()).toEqual(['0000000001.ckpt', '0000001000.ckpt']);
  expect(await blobs.children(`runs/${id}/claims/0002/checkpoints`)).toHaveLength(1_000);
});
