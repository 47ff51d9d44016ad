import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { isAlive } from '../processes.ts';
import { openRig } from '../rig/rig.ts';
import { freezeInside, progressOf, untilEnded } from '../rig/trained.ts';
import { LONG_EPOCH, QUICK } from '../small-jobs.ts';
import { until } from '../until.ts';

describe.skipIf(notBuilt)('a cancel', () => {
  test('of a waiting run keeps it from ever being trained', async () => {
    const rig = await openRig();
    const id = await rig.submit();
    await rig.runs.cancel(id);
    await rig.startWorker();
    await until(async () => (await rig.queue.missing([{ id, retries: 0 }])).length === 1, 'the entry has left the queue');
    const { record, epochs } = await rig.runs.read(id);
    expect(record).toMatchObject({ state: 'cancelled', attempt: 0 });
    expect(epochs).toBe(0);
  });

  test('that Redis was not told of, and a retry after it, leave the run to one worker', async () => {
    const rig = await openRig();
    const id = await rig.submit();
    await rig.runs.cancel(id);
    const { retries } = await rig.runs.retry(id);
    await rig.queue.add(id, 100, retries);
    await Promise.all([rig.startWorker(), rig.startWorker()]);
    const { record } = await untilEnded(rig, id);
    expect(record.transitions.map(({ reason }) => reason)).toEqual([
      'submitted',
      'cancel_requested',
      'retry_requested',
      'claimed',
      'completed',
    ]);
  });

  test('of a running training ends it in a small part of an epoch, and frees the worker', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit(LONG_EPOCH);
    await until(async () => Boolean((await progressOf(rig, id))?.etaAt), 'the end of the only epoch is foreseen');
    const trainer = await worker.trainer();
    const progress = await progressOf(rig, id);
    const epochMs = Date.parse(progress?.etaAt ?? '') - Date.now();
    const start = performance.now();
    await rig.runs.cancel(id);
    const { record } = await untilEnded(rig, id);
    const tookMs = performance.now() - start;
    expect(tookMs).toBeLessThan(epochMs / 10);
    expect(isAlive(trainer)).toBe(false);
    expect(record.transitions.map(({ to }) => to)).toEqual(['queued', 'running', 'cancelling', 'cancelled']);
    expect((await untilEnded(rig, await rig.submit(QUICK))).record.state).toBe('succeeded');
  });

  test('of a trainer that does not answer any more kills it', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit();
    const trainer = await freezeInside(rig, worker, id, 1);
    await rig.runs.cancel(id);
    expect((await untilEnded(rig, id)).record).toMatchObject({ state: 'cancelled', attempt: 1 });
    expect(isAlive(trainer)).toBe(false);
  });
});
