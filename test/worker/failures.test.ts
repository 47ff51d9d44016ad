import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { freezeInside, untilEnded, untilInside } from '../rig/trained.ts';
import { ENDLESS, LONG_EPOCH, QUICK, smallJob } from '../small-jobs.ts';
import { until } from '../until.ts';

describe.skipIf(notBuilt)('a worker', () => {
  test('gives up on a run whose trainer is killed every time, and says how often it tried', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ maxAttempts: 3 });
    const id = await rig.submit(LONG_EPOCH);
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(async () => (await rig.runs.readRecord(id)).attempt === attempt, `attempt ${attempt} has begun`);
      process.kill(await worker.trainer(), 'SIGKILL');
      await until(async () => (await rig.runs.readRecord(id)).state !== 'running', `attempt ${attempt} is over`);
    }
    const { record } = await untilEnded(rig, id);
    expect(record).toMatchObject({ state: 'failed', reason: 'attempts_exhausted', attempt: 3 });
    expect(record.error?.message).toMatch(/started 3 times .* killed \(SIGKILL\)/);
  });

  test('kills a trainer that gives no sign of life, and tries again', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ trainer: { silenceMs: 2000 } });
    const id = await rig.submit();
    await freezeInside(rig, worker, id, 1);
    const { record } = await untilEnded(rig, id);
    expect(record.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'trainer_lost', 'claimed', 'completed']);
  });

  test('fails a run that can never work at once, with the error that its trainer met', async () => {
    const rig = await openRig();
    await rig.startWorker();
    const id = await rig.submit(smallJob({}, { dataset: { source: 'imdb' } }));
    const { record } = await untilEnded(rig, id);
    expect(record).toMatchObject({ state: 'failed', reason: 'dataset_missing', attempt: 1, error: { kind: 'data', retryable: false } });
    expect(record.error?.message).toContain('imdb-mini');
  });

  test('fails a run that exceeds its max_runtime_seconds, summed over attempts', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit({ ...ENDLESS, max_runtime_seconds: 8 });
    await untilInside(rig, id, 1);
    process.kill(await worker.trainer(), 'SIGKILL');
    const { record, epochs } = await untilEnded(rig, id);
    expect(record).toMatchObject({ state: 'failed', reason: 'max_runtime_exceeded', attempt: 2, error: { kind: 'timeout' } });
    expect(epochs).toBeLessThan(ENDLESS.training.epochs);
  });

  test('drops the entry of a run that was withdrawn, and goes on with the next', async () => {
    const rig = await openRig();
    const withdrawn = await rig.submit(QUICK);
    await rig.runs.cancel(withdrawn);
    await rig.runs.remove(withdrawn);
    const next = await rig.submit(QUICK);
    await rig.startWorker();
    expect((await untilEnded(rig, next)).record.state).toBe('succeeded');
    const isDropped = async () => (await rig.queue.missing([{ id: withdrawn, retries: 0 }])).length === 1;
    await until(isDropped, 'the entry is dropped, when the run did not appear in several tries');
  });

  test('stops training a run whose files are removed', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit(ENDLESS);
    await untilInside(rig, id, 1);
    await worker.trainer();
    await rm(join(rig.dataDir, 'runs', id), { recursive: true });
    expect((await untilEnded(rig, await rig.submit(QUICK))).record.state).toBe('succeeded');
  });
});
