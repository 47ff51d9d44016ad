import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isTerminal } from '../../src/contract/job.ts';
import { notBuilt } from '../built.ts';
import { type Clock, openClock } from '../clock.ts';
import { childrenOf, signalOne } from '../processes.ts';
import { openRig, type Rig } from '../rig/rig.ts';
import { progressOf, untilEnded, untilInside } from '../rig/trained.ts';
import { ENDLESS } from '../small-jobs.ts';
import { until } from '../until.ts';

const HOUR_MS = 3_600_000;

/** The clock of a worker and its trainers, which a test may set. */
const clockOf = ({ dataDir }: Rig): Clock => openClock(join(dataDir, 'clock'));

describe.skipIf(notBuilt)('max_runtime_seconds', () => {
  test('does not end a run early whose clock is set an hour ahead', async () => {
    const rig = await openRig();
    const clock = clockOf(rig);
    const worker = await rig.startWorker({ env: clock.env });
    const id = await rig.submit({ ...ENDLESS, max_runtime_seconds: 600 });
    await untilInside(rig, id, 1);
    clock.set(HOUR_MS);
    process.kill(await worker.trainer(), 'SIGKILL');
    await until(async () => (await rig.runs.readRecord(id)).attempt === 2, 'a second attempt has begun');
    const { epochs } = await rig.runs.read(id);
    await untilInside(rig, id, epochs + 2);
    expect((await rig.runs.readRecord(id)).state).toBe('running');
    await rig.runs.cancel(id);
    await untilEnded(rig, id);
  });

  test('ends a run whose clock is set back in every attempt', async () => {
    const rig = await openRig();
    const clock = clockOf(rig);
    const worker = await rig.startWorker({ env: clock.env, maxAttempts: 100 });
    const id = await rig.submit({ ...ENDLESS, max_runtime_seconds: 8 });
    const ended = async (): Promise<boolean> => isTerminal((await rig.runs.readRecord(id)).state);
    for (let attempt = 1; attempt < 60 && !(await ended()); attempt++) {
      await until(async () => (await ended()) || (await progressOf(rig, id))?.claim === attempt, 'its trainer has begun');
      clock.set(-attempt * HOUR_MS);
      // It may end at any moment, by itself.
      await until(async () => (await ended()) || childrenOf(worker.pid).length > 0, 'there is a trainer');
      for (const trainer of childrenOf(worker.pid)) signalOne(trainer, 'SIGKILL');
      await until(async () => (await ended()) || (await rig.runs.readRecord(id)).attempt > attempt, 'another attempt has begun');
    }
    const { record } = await rig.runs.read(id);
    expect(record).toMatchObject({ state: 'failed', reason: 'max_runtime_exceeded' });
    expect(record.attempt).toBeGreaterThan(1);
    // Each claim wrote down what it took, though none but its worker saw its end.
    expect(record.trained_ms).toBeGreaterThanOrEqual(8_000);
  });

  test.each([
    [{ defaultSeconds: 2, maxSeconds: null }, 'EPOCHD_DEFAULT_RUNTIME_SECONDS'],
    [{ defaultSeconds: 900, maxSeconds: 2 }, 'EPOCHD_MAX_RUNTIME_SECONDS'],
  ])('of a spec that says nothing is that of the service: %o', async (runtime, source) => {
    const rig = await openRig();
    await rig.startWorker({ runtime });
    const { record, spec } = await untilEnded(rig, await rig.submit(ENDLESS));
    expect(record).toMatchObject({ state: 'failed', reason: 'max_runtime_exceeded', error: { kind: 'timeout' } });
    expect(record.error?.message).toContain(`${source}, 2,`);
    expect(spec.max_runtime_seconds).toBeNull();
  });
});
