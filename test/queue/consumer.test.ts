import { Redis } from 'ioredis';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { type Consumer, consume, type Handle, type Verdict } from '../../src/queue/consumer.ts';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { newJobId } from '../seed-job.ts';

const silent = pino({ level: 'silent' });
const SETTINGS = { queueName: 'test', concurrency: 1, lockDurationMs: 1000, stalledIntervalMs: 300, retryDelayMs: 20 };
const INFO = { id: 'w', host: 'here', pid: 1, engines: [], concurrency: 1, jobs: [], since: '2026-01-01T00:00:00.000Z' };

interface Bench {
  readonly redis: TestRedis;
  readonly queue: JobQueue;
  consume(handle: Handle): Promise<Consumer>;
}

async function bench(): Promise<Bench> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const queue = await openQueue({ redis: redis.address, queueName: 'test' });
  onTestFinished(() => queue.close());
  return {
    redis,
    queue,
    async consume(handle) {
      const consumer = await consume({ ...SETTINGS, redis: redis.address }, handle, silent);
      onTestFinished(() => consumer.close('w', 3000));
      return consumer;
    },
  };
}

const isEmpty = async (queue: JobQueue): Promise<boolean> => Object.values(await queue.depth()).every((count) => count === 0);

test('an entry is handled once and leaves the queue', async () => {
  const { queue, consume } = await bench();
  const id = newJobId();
  const handled: string[] = [];
  await queue.add(id, 100, 0);
  await consume(async (id) => {
    handled.push(id);
    return 'done';
  });
  await expect.poll(() => isEmpty(queue)).toBe(true);
  expect(handled).toEqual([id]);
});

test('an entry that is given back is handled again', async () => {
  const { queue, consume } = await bench();
  const verdicts: Verdict[] = ['give_back', 'done'];
  await queue.add(newJobId(), 100, 0);
  await consume(async () => verdicts.shift() ?? 'done');
  await expect.poll(() => isEmpty(queue), { timeout: 5000 }).toBe(true);
  expect(verdicts).toEqual([]);
});

test('an entry whose handling throws is handled again after pauses that grow, and never fails for good', async () => {
  const { queue, consume } = await bench();
  const times: number[] = [];
  await queue.add(newJobId(), 100, 0);
  await consume(async () => {
    times.push(performance.now());
    if (times.length < 6) throw new Error('not yet');
    return 'done';
  });
  await expect.poll(() => isEmpty(queue), { timeout: 10_000 }).toBe(true);
  expect(times).toHaveLength(6);
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(pauses.at(-1)).toBeGreaterThan(2 * (pauses[0] ?? 0));
});

test('an entry of a worker that was lost is handled again', async () => {
  const { queue, consume } = await bench();
  let handled = 0;
  await queue.add(newJobId(), 100, 0);
  await consume(async () => (++handled === 1 ? 'not_mine' : 'done'));
  await expect.poll(() => isEmpty(queue), { timeout: 10_000 }).toBe(true);
  expect(handled).toBe(2);
});

test('a lock that is lost aborts the signal', async () => {
  const { redis, queue, consume } = await bench();
  await queue.add(newJobId(), 100, 0);
  const signals: AbortSignal[] = [];
  await consume((_, lockLost) => {
    signals.push(lockLost);
    return new Promise((resolve) => lockLost.addEventListener('abort', () => resolve('give_back')));
  });
  await expect.poll(() => signals.length).toBe(1);
  const client = new Redis(redis.url.replace('unix://', ''));
  onTestFinished(() => client.disconnect());
  expect(await client.del(await client.keys('*:lock'))).toBe(1);
  await expect.poll(() => signals[0]?.aborted, { timeout: 10_000 }).toBe(true);
});

test('a worker is listed while it is heard of, and not after it has gone', async () => {
  const { queue, consume } = await bench();
  const consumer = await consume(async () => 'done');
  await consumer.announce(INFO, 60_000);
  await consumer.announce({ ...INFO, id: 'silent' }, 1);
  await expect.poll(() => queue.workers()).toEqual([INFO]);
  await consumer.close('w', 3000);
  expect(await queue.workers()).toEqual([]);
});

test('closing ends also when Redis has gone', async () => {
  const { redis, queue } = await bench();
  const consumer = await consume({ ...SETTINGS, redis: redis.address }, async () => 'done', silent);
  await queue.add(newJobId(), 100, 0);
  await expect.poll(() => isEmpty(queue)).toBe(true);
  redis.kill('SIGKILL');
  await consumer.close('w', 500);
});
