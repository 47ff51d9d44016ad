import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FenceLost, JobNotFound, StorageFull, TrainerLost, WrongState } from '../../src/contract/errors.ts';
import { openRuns } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { birthOf } from '../births.ts';
import { temporaryFolder } from '../folders.ts';
import { newJobId, seedSpec } from '../seed-job.ts';

const claimant = { worker: 'w1', maxAttempts: 3 };

async function newRun() {
  const dataDir = temporaryFolder();
  const runs = openRuns(await openFolder(dataDir));
  const id = newJobId();
  const made = await runs.create(id, await birthOf(seedSpec()));
  return { runs, id, made, folder: join(dataDir, 'runs') };
}

test('a new run is queued, at revision 1, with the spec it was given', async () => {
  const { runs, id, folder } = await newRun();
  const run = await runs.read(id);
  expect(run).toMatchObject({ id, revision: 1, epochs: 0, last: null, record: { state: 'queued', reason: 'submitted', claim: 0 } });
  expect(run.spec).toEqual(seedSpec());
  expect(await readdir(folder)).toEqual([id]);
});

test('runs are listed newest first, and unfinished ones are not runs', async () => {
  const dataDir = temporaryFolder();
  const runs = openRuns(await openFolder(dataDir));
  const ids = [newJobId(), newJobId(), newJobId()];
  for (const id of ids) await runs.create(id, await birthOf(seedSpec()));
  await mkdir(join(dataDir, 'runs', '.job_half.tmp'));
  expect(await runs.list()).toEqual([...ids].sort().reverse());
});

test.each(['nobody', '../../etc', 'job_../../x', '', 'job_00000000000000000000000000'])('id %j is no run', async (id) => {
  const { runs } = await newRun();
  await expect(runs.read(id)).rejects.toThrow(JobNotFound);
  await expect(runs.cancel(id)).rejects.toThrow(JobNotFound);
  await expect(runs.remove(id)).rejects.toThrow(JobNotFound);
});

test('of twenty workers that claim at once each gets its own number, and only the last one holds the run', async () => {
  const { runs, id } = await newRun();
  const records = await Promise.all(Array.from({ length: 20 }, (_, i) => runs.claim(id, { worker: `w${i}`, maxAttempts: 100 })));
  expect(new Set(records.map(({ claim }) => claim)).size).toBe(20);
  await expect(runs.end(id, 19, { type: 'finished', reason: 'completed' }, 0)).rejects.toThrow(FenceLost);
  expect((await runs.end(id, 20, { type: 'finished', reason: 'completed' }, 0)).state).toBe('succeeded');
  expect((await runs.readRecord(id)).transitions).toHaveLength(22);
});

test('a run ends once: whoever comes second is told', async () => {
  const { runs, id } = await newRun();
  const { claim } = await runs.claim(id, claimant);
  const ends = await Promise.allSettled([
    runs.end(id, claim, { type: 'finished', reason: 'completed' }, 0),
    runs.end(id, claim, { type: 'failed', error: new TrainerLost('killed') }, 0),
    runs.end(id, claim, { type: 'finished', reason: 'early_stopped' }, 0),
  ]);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await runs.readRecord(id)).transitions.filter(({ from }) => from === 'running')).toHaveLength(1);
});

test('cancelling a queued run ends it; cancelling again changes nothing', async () => {
  const { runs, id } = await newRun();
  expect(await runs.cancel(id)).toMatchObject({ state: 'cancelled', revision: 2 });
  expect(await runs.cancel(id)).toMatchObject({ state: 'cancelled', revision: 2 });
  expect(await runs.claim(id, claimant)).toMatchObject({ state: 'cancelled', claim: 0 });
});

test('a cancel that was accepted holds, however the training ends', async () => {
  const { runs, id } = await newRun();
  const { claim } = await runs.claim(id, claimant);
  expect((await runs.cancel(id)).state).toBe('cancelling');
  expect((await runs.end(id, claim, { type: 'finished', reason: 'completed' }, 0)).state).toBe('cancelled');
});

test('a run whose worker was lost while it was being cancelled is cancelled by the next claim', async () => {
  const { runs, id } = await newRun();
  await runs.claim(id, claimant);
  await runs.cancel(id);
  expect(await runs.claim(id, claimant)).toMatchObject({ state: 'cancelled', claim: 2 });
});

test('a hand-over spends no attempt, a lost worker does', async () => {
  const { runs, id } = await newRun();
  for (let i = 1; i <= 20; i++) {
    expect(await runs.claim(id, claimant)).toMatchObject({ state: 'running', claim: i, attempt: 1 });
    expect(await runs.end(id, i, { type: 'handed_over' }, 0)).toMatchObject({ state: 'queued', reason: 'handed_over', attempt: 0 });
  }
  await runs.claim(id, claimant);
  expect(await runs.claim(id, claimant)).toMatchObject({ state: 'running', reason: 'worker_lost', attempt: 2 });
});

test('a run that never gets anywhere fails after the allowed attempts, with the last cause named', async () => {
  const { runs, id } = await newRun();
  for (let i = 1; i <= 3; i++) {
    const { claim } = await runs.claim(id, claimant);
    await runs.end(id, claim, { type: 'failed', error: new TrainerLost('the trainer was killed by SIGKILL') }, 0);
  }
  const record = await runs.claim(id, claimant);
  expect(record).toMatchObject({ state: 'failed', error: { code: 'attempts_exhausted', kind: 'infrastructure' } });
  expect(record.error?.message).toContain('killed by SIGKILL');
  expect(await runs.retry(id)).toMatchObject({ state: 'queued', reason: 'retry_requested', retries: 1 });
  expect((await runs.claim(id, claimant)).state).toBe('running');
});

test('an attempt that ended for lack of room does not count against the run', async () => {
  const { runs, id } = await newRun();
  for (let i = 1; i <= 10; i++) {
    expect((await runs.claim(id, claimant)).state).toBe('running');
    await runs.end(id, i, { type: 'failed', error: new StorageFull('no room') }, 0);
  }
  expect(await runs.readRecord(id)).toMatchObject({ state: 'queued', reason: 'storage_full', fruitless: 0 });
});

test('a succeeded run is neither cancelled nor retried', async () => {
  const { runs, id } = await newRun();
  const { claim } = await runs.claim(id, claimant);
  await runs.end(id, claim, { type: 'finished', reason: 'completed' }, 0);
  await expect(runs.cancel(id)).rejects.toThrow(WrongState);
  await expect(runs.retry(id)).rejects.toThrow(`${id} is succeeded`);
});

test('a removed run is gone', async () => {
  const { runs, id, folder } = await newRun();
  await runs.cancel(id);
  await runs.remove(id);
  await expect(runs.read(id)).rejects.toThrow(JobNotFound);
  expect(await readdir(folder)).toEqual([]);
});
