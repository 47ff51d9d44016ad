import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
import { birthOf } from '../births.ts';
import { temporaryFolder } from '../folders.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { newJobId, seedSpec } from '../seed-job.ts';

const log = pino({ level: 'silent' });

async function open(): Promise<{ runs: Runs; queue: JobQueue; redis: TestRedis; dataDir: string }> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const queue = await openQueue({ redis: redis.address, queueName: 'test' });
  onTestFinished(() => queue.close());
  const dataDir = temporaryFolder();
  return { redis, queue, dataDir, runs: openRuns(await openFolder(dataDir)) };
}

test('every run that has not ended and is not in the queue is added, oldest first and by its priority; the others are left alone', async () => {
  const { runs, queue } = await open();
  const [ended, queued, old, young, urgent] = Array.from({ length: 5 }, newJobId).sort() as [string, string, string, string, string];
  for (const id of [ended, queued, old, young]) await runs.create(id, await birthOf(seedSpec()));
  await runs.create(urgent, await birthOf({ ...seedSpec(), priority: 1 }));
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
  await runs.create(id, await birthOf(seedSpec()));
  await runs.cancel(id);
  await runs.retry(id);
  await reconcile(runs, queue, 'data_0', log);
  expect(await Promise.all([0, 1].map((retries) => queue.position(id, retries)))).toEqual([null, 1]);
});

test('without Redis nothing is lost: it says so, and the next time finds the same runs', async () => {
  const { runs, queue, redis } = await open();
  const id = newJobId();
  await runs.create(id, await birthOf(seedSpec()));
  redis.kill('SIGKILL');
  await expect(reconcile(runs, queue, 'data_0', log)).rejects.toMatchObject({ code: 'queue_unavailable' });
  await redis.restart();
  await expect.poll(() => reconcile(runs, queue, 'data_0', log), { timeout: 10_000 }).toBeUndefined();
  expect(await queue.position(id, 0)).toBe(1);
});

test.each([
  ['the places of all entries', async (redis: Redis) => redis.del('{epochd}:test:prioritized')],
  ['the hash of an entry', async (redis: Redis, [id]: string[]) => redis.del(`{epochd}:test:${id}.0`)],
  ['everything', async (redis: Redis) => redis.flushall()],
])('a Redis that lost %s: every run is in line again, once, and a worker is given it', async (_, lose) => {
  const { runs, queue, redis } = await open();
  const operator = new Redis(redis.address.path ?? '');
  onTestFinished(() => operator.disconnect());
  const ids = [newJobId(), newJobId()];
  for (const id of ids) {
    await runs.create(id, await birthOf(seedSpec()));
    await queue.add(id, 100, 0);
  }
  await lose(operator, ids);
  await reconcile(runs, queue, 'data_0', log);
  expect((await queue.depth()).waiting).toBe(2);
  expect((await Promise.all(ids.map((id) => queue.position(id, 0)))).toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 2]);
  expect(await Promise.all(ids.map((id) => operator.exists(`{epochd}:test:${id}.0`)))).toEqual([1, 1]);
});

test('a run that cannot be read keeps no other from its entry, and is counted, not named in a line of its own each', async () => {
  const { runs, queue, dataDir } = await open();
  const ids = Array.from({ length: 12 }, newJobId);
  for (const id of ids) await runs.create(id, await birthOf(seedSpec()));
  const healthy = ids.splice(6, 2);
  for (const id of ids) await writeFile(join(dataDir, 'runs', id, 'state', '000001.json'), '{"state": "que');
  const lines: string[] = [];
  await reconcile(runs, queue, 'data_0', pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }));
  expect((await Promise.all(healthy.map((id) => queue.position(id, 0)))).toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 2]);
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ runs: 2, msg: 'runs were not in the queue: they were added again' }),
    expect.objectContaining({ runs: 10, msg: 'runs cannot be read: they are passed over' }),
  ]);
});
