import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isTerminal } from '../../src/contract/job.ts';
import { notBuilt } from '../built.ts';
import { childrenOf, freeze, isAlive } from '../processes.ts';
import { openRig } from '../rig/rig.ts';
import { untilEnded, untilInside } from '../rig/trained.ts';
import type { WorkerTuning } from '../rig/worker-process.ts';
import { ENDLESS, LONG_CALL, LONG_EPOCH } from '../small-jobs.ts';
import { until } from '../until.ts';

const SILENCE_MS = 2000;

/** Nobody takes over from a worker that a test stops. */
const queue = { lockDurationMs: 300_000 };

/** A worker whose trainers get stuck, and a run that it trains. */
async function startStuck(stuck: string, job: object, tuning: WorkerTuning = {}) {
  const rig = await openRig();
  const path = resolve('test/trainer/stuck-trainer.mjs');
  const env = { EPOCHD_TEST_STUCK: stuck };
  const worker = await rig.startWorker({ maxAttempts: 1, ...tuning, env, trainer: { silenceMs: SILENCE_MS, path } });
  const id = await rig.submit(job);
  const says = (text: string): Promise<void> =>
    until(async () => {
      const { state, error } = await rig.runs.readRecord(id);
      if (isTerminal(state)) throw new Error(`${id} is ${state}: ${error?.message}`);
      return worker.log().includes(text);
    }, `the trainer says that it ${text}`);
  return { rig, worker, id, says };
}

describe.skipIf(notBuilt)('a trainer', () => {
  test('that computes in one call for three times as long as it may be silent is left alone', async () => {
    const { rig, id, says } = await startStuck('computing for long', LONG_CALL);
    await says('came around');
    expect(await rig.runs.readRecord(id)).toMatchObject({ state: 'running', attempt: 1 });
  });

  test('is ended in the middle of a call by a cancel', async () => {
    const { rig, worker, id, says } = await startStuck('computing', LONG_CALL);
    await says('gets stuck');
    const pid = await worker.trainer();
    await rig.runs.cancel(id);
    expect((await untilEnded(rig, id)).record).toMatchObject({ state: 'cancelled', attempt: 1 });
    expect(isAlive(pid)).toBe(false);
  });

  test.each(['computing', 'waiting'])('that is %s ends with a worker that was stopped and then killed', async (stuck) => {
    const { worker, says } = await startStuck(stuck, LONG_CALL, { queue });
    await says('gets stuck');
    const pid = await worker.trainer();
    await freeze(worker.pid);
    worker.kill('SIGKILL');
    await until(() => !isAlive(pid), 'the trainer is gone');
    expect(isAlive(worker.pid)).toBe(false);
  });

  test.each([
    ['computes without end', 'computing'],
    ['waits without end', 'waiting'],
  ])('whose main thread %s is taken for hung', async (_, stuck) => {
    const { rig, id } = await startStuck(stuck, LONG_EPOCH);
    const { record } = await untilEnded(rig, id);
    expect(record).toMatchObject({ state: 'failed', reason: 'attempts_exhausted' });
    expect(record.error?.message).toContain(`no sign of life for ${SILENCE_MS} ms`);
  });

  test('survives a worker that was stopped for longer than a trainer may be silent', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ trainer: { silenceMs: SILENCE_MS }, queue });
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

test.skipIf(notBuilt).each(['computing', 'waiting'])('a child whose main thread is %s ends with its parent', async (stuck) => {
  const parent = spawn(process.execPath, ['test/trainer/parent-main.mjs', resolve('test/trainer/stuck-child.mjs')], {
    env: { ...process.env, EPOCHD_TEST_STUCK: stuck },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const child = Number(line);
  await sleep(500);
  expect(childrenOf(parent.pid ?? 0)).toEqual([child]);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await until(() => !isAlive(child), 'the child is gone');
});
