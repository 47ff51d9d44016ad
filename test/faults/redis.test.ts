import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openRig, type Rig } from '../rig/rig.ts';
import { resultOf, untilEnded, untilInside } from '../rig/trained.ts';
import { undisturbed } from '../rig/undisturbed.ts';
import { ENDLESS } from '../small-jobs.ts';
import { until } from '../until.ts';
import { untilRedisAnswers, withRedis } from './redis-of.ts';

describe.skipIf(notBuilt)('Redis', () => {
  let expected: object;
  beforeAll(async () => {
    expected = await undisturbed();
  });

  test('is stopped for five seconds and goes on: the run ends once, with the same bits', async () => {
    const rig = await openRig();
    await rig.startWorker();
    const id = await rig.submit();
    await untilInside(rig, id, 1);
    rig.redis.kill('SIGSTOP');
    await expectRunning(rig, id);
    await expect(rig.queue.depth()).rejects.toThrow('timed out');
    await sleep(3500);
    rig.redis.kill('SIGCONT');
    await untilRedisAnswers(rig);
    await expectOneEnd(rig, id);
  });

  test('is killed and started again: the run ends once, with the same bits', async () => {
    const rig = await openRig();
    await rig.startWorker();
    const id = await rig.submit();
    await untilInside(rig, id, 1);
    rig.redis.kill('SIGKILL');
    await expectRunning(rig, id);
    await expect(rig.queue.add(id, 100, 0)).rejects.toMatchObject({ code: 'queue_unavailable' });
    await sleep(2000);
    await rig.redis.restart();
    await untilRedisAnswers(rig);
    await expectOneEnd(rig, id);
  });

  test('loses everything: waiting and running runs are found in their directories and end, with the same bits', async () => {
    const rig = await openRig();
    await rig.startWorker({ reconcileMs: 500 });
    const running = await rig.submit();
    const waiting = await rig.submit();
    await untilInside(rig, running, 1);
    expect(await withRedis(rig, (redis) => redis.flushall())).toBe('OK');
    await expectRunning(rig, running);
    for (const id of [running, waiting]) await expectOneEnd(rig, id);
  });

  test('gives the lock away: training is given back without spending an attempt', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker({ queue: { lockDurationMs: 1500, stalledIntervalMs: 60_000 } });
    const id = await rig.submit(ENDLESS);
    await untilInside(rig, id, 1);
    const deleted = await withRedis(rig, async (redis) => redis.del(...(await redis.keys('*:lock'))));
    expect(deleted).toBe(1);
    await until(async () => (await rig.runs.readRecord(id)).state === 'queued', 'the run is given back');
    expect(await rig.runs.readRecord(id)).toMatchObject({ reason: 'handed_over', attempt: 0 });
    expect(worker.log()).toContain('the lock was lost');
  });

  /** The fault has hit a training. */
  const expectRunning = async ({ runs }: Rig, id: string): Promise<void> => expect((await runs.readRecord(id)).state).toBe('running');

  const expectOneEnd = async (rig: Rig, id: string): Promise<void> => {
    const run = await untilEnded(rig, id);
    expect(run.record.transitions.filter(({ to }) => to === 'succeeded')).toHaveLength(1);
    expect(await resultOf(rig, id)).toEqual(expected);
    await until(async () => (await rig.queue.missing([{ id, retries: 0 }])).length === 1, 'the entry has left the queue');
  };
});
