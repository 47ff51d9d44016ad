import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ENDLESS, LONG_CALL, LONG_EPOCH } from '../small-jobs.ts';
import { childrenOf, freeze, isAlive, until } from './processes.ts';
import { missing, openRig, type Rig } from './rig.ts';
import { untilEnded, untilInside } from './trained.ts';

const SILENCE_MS = 2000;
const trainer = { silenceMs: SILENCE_MS };

/** Nobody takes over from a worker that a test stops. */
const queue = { lockDurationMs: 300_000 };

/** Waits until so many batches are done; resolves to the milliseconds that the last of them took. */
async function untilBatch(rig: Rig, id: string, count: number): Promise<number> {
  let seenAt = 0;
  for (let step = 1; step <= count; step++) {
    const before = performance.now();
    await until(async () => ((await rig.runs.read(id)).progress?.step ?? 0) >= step, `batch ${step} of ${id} is done`);
    seenAt = performance.now() - before;
  }
  return seenAt;
}

describe.skipIf(missing)('a trainer', () => {
  test('that is inside one call for longer than it may be silent is left alone, and a cancel ends it there', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ trainer });
    const id = await rig.submit(LONG_CALL);
    const batchMs = await untilBatch(rig, id, 2);
    expect(batchMs, 'a batch takes longer than a trainer may be silent').toBeGreaterThan(SILENCE_MS);
    expect((await rig.runs.readRecord(id)).attempt).toBe(1);
    const pid = await worker.trainer();
    const start = performance.now();
    await rig.runs.cancel(id);
    expect((await untilEnded(rig, id)).record).toMatchObject({ state: 'cancelled', attempt: 1 });
    expect(performance.now() - start).toBeLessThan(batchMs / 2);
    expect(isAlive(pid)).toBe(false);
  });

  test('ends with a worker that was stopped and then killed, in the middle of a call', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ queue });
    const id = await rig.submit(LONG_CALL);
    const batchMs = await untilBatch(rig, id, 2);
    const pid = await worker.trainer();
    await freeze(worker.pid);
    const start = performance.now();
    worker.kill('SIGKILL');
    await until(() => !isAlive(pid), 'the trainer is gone');
    expect(performance.now() - start).toBeLessThan(batchMs / 2);
  });

  test.each([
    ['computes without end', 'computing'],
    ['waits without end', 'waiting'],
  ])('whose main thread %s is taken for hung', async (_, stuck) => {
    const rig = await openRig();
    await rig.startWorker({
      maxAttempts: 1,
      trainer: { ...trainer, path: resolve('test/worker/stuck-trainer.mjs') },
      env: { EPOCHD_TEST_STUCK: stuck },
    });
    const { record } = await untilEnded(rig, await rig.submit(LONG_EPOCH));
    expect(record).toMatchObject({ state: 'failed', reason: 'attempts_exhausted' });
    expect(record.error?.message).toContain(`no sign of life for ${SILENCE_MS} ms`);
  });

  test('survives a worker that was stopped for longer than a trainer may be silent', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ trainer, queue });
    const id = await rig.submit(ENDLESS);
    await untilInside(rig, id, 1);
    const pid = await worker.trainer();
    for (const both of [false, true, false]) {
      await freeze(worker.pid);
      if (both) await freeze(pid);
      await sleep(1.5 * SILENCE_MS);
      worker.kill('SIGCONT');
      if (both) await sleep(SILENCE_MS / 4);
      process.kill(pid, 'SIGCONT');
      await sleep(SILENCE_MS / 2);
      expect(isAlive(pid)).toBe(true);
    }
    const { record } = await rig.runs.read(id);
    expect(record).toMatchObject({ state: 'running', attempt: 1 });
  });

  test('gives way to the rest of the machine, and is what Linux takes first when memory runs out', async ({ skip }) => {
    if (process.platform !== 'linux') return skip('nice and oom_score_adj are read from /proc');
    const rig = await openRig();
    const worker = await rig.startWorker();
    await untilInside(rig, await rig.submit(ENDLESS), 1);
    const pid = await worker.trainer();
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('1000');
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[16]).toBe('5');
    expect(readFileSync(`/proc/${worker.pid}/oom_score_adj`, 'utf8')).toBe(readFileSync('/proc/self/oom_score_adj', 'utf8'));
  });
});

test.skipIf(missing).each(['computing', 'waiting'])('a child whose main thread is %s ends with its parent', async (stuck) => {
  const parent = spawn(process.execPath, ['test/worker/parent-main.mjs', resolve('test/worker/stuck-child.mjs')], {
    env: { ...process.env, EPOCHD_TEST_STUCK: stuck },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const child = Number(line);
  await sleep(500);
  expect(childrenOf(parent.pid ?? 0)).toEqual([child]);
  parent.kill('SIGKILL');
  await until(() => !isAlive(child), 'the child is gone');
});
