import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { untilEnded } from '../rig/trained.ts';
import { ENDLESS, QUICK } from '../small-jobs.ts';

describe.skipIf(notBuilt)('a training', () => {
  test('that takes far more memory than was estimated is ended, once and for all, with an error that names both', async ({ skip }) => {
    if (process.platform !== 'linux') return skip('what a process takes is read from /proc');
    const rig = await openRig();
    await rig.startWorker({ trainer: { path: resolve('test/worker/hungry-trainer.mjs') } });
    const { record } = await untilEnded(rig, await rig.submit(ENDLESS));
    expect(record).toMatchObject({ state: 'failed', reason: 'memory_exceeded', attempt: 1, error: { retryable: false } });
    expect(record.error?.message).toMatch(/took 1\.\d\d GiB of memory: expected about 0\.1\d GiB by the estimate, and at most 1\.\d\d GiB/);
  });

  test('that a machine has no memory for is not started there: the job says what is missing', async () => {
    const rig = await openRig();
    await rig.startWorker({ memoryBytes: 2 ** 26, maxAttempts: 2 });
    const { record, epochs } = await untilEnded(rig, await rig.submit(QUICK));
    const reasons = record.transitions.map(({ reason }) => reason);
    expect(reasons).toEqual(['submitted', 'claimed', 'memory_insufficient', 'claimed', 'memory_insufficient', 'attempts_exhausted']);
    expect(record.error?.message).toMatch(/needs about 0\.1\d GiB of memory: this worker's machine or container has 0\.06 GiB/);
    expect(epochs).toBe(0);
  });
});
