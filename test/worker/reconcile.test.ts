import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
import { temporaryFolder } from '../folders.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { newJobId, seedSpec } from '../seed-job.ts';

const log = pino({ level: 'silent' });

async function open(): Promise<{ runs: Runs; queue: JobQueue; redis: TestRedis }> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const queue = await openQueue({ redis: redis.address, queueName: 'test' });
  onTestFinished(() => queue.close());
  return { redis, queue, runs: await openRuns(temporaryFolder()) };
}

test('every run that has not ended and is not in the queue is added, oldest first and by its priority; the others are left alone', async () => {
  const { runs, queue } = await open();
  const [ended, queued, old, young, urgent] = Array.from({ length: 5 }, newJobId).sort() as [string, string, string, string, string];
  for (const id of [ended, queued, old, young]) await runs.create(id, seedSpec());
  await runs.create(urgent, { ...seedSpec(), priority: 1 });
  await runs.cancel(ended);
  await queue.add(queued, 100, 0);
  await reconcile(runs, queue, 'data_0', log);
  expect(await Promise.all([urgent, queued, old, young, ended].map((id) => queue.position(id, 0)))).toEqual([1, 2, 3, 4, null]);
  await reconcile(runs, queue, 'data_0', log);
  expect((await queue.depth()).waiting).toBe(4);
});

test('a run that was retried is added under its retry', async () => {
  const { runs, queue } = await open();
  const id = newJobId();
  await runs.create(id, seedSpec());
  await runs.cancel(id);
  await runs.retry(id);
  await reconcile(runs, queue, 'data_0', log);
  expect(await Promise.all([0, 1].map((retries) => queue.position(id, retries)))).toEqual([null, 1]);
});

test('without Redis nothing is lost: it says so, and the next time finds the same runs', async () => {
  const { runs, queue, redis } = await open();
  const id = newJobId();
  await runs.create(id, seedSpec());
  redis.kill('SIGKILL');
  await expect(reconcile(runs, queue, 'data_0', log)).rejects.toMatchObject({ code: 'queue_unavailable' });
  await redis.restart();
  await expect.poll(() => reconcile(runs, queue, 'data_0', log), { timeout: 10_000 }).toBeUndefined();
  expect(await queue.position(id, 0)).toBe(1);
});
