import { describe, expect, onTestFinished, test } from 'vitest';
import { socketAddress } from '../../scripts/redis-address.mjs';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { newJobId } from '../seed-job.ts';

const UNAVAILABLE = { code: 'queue_unavailable', retryable: true };

async function open(settings = {}): Promise<{ redis: TestRedis; queue: JobQueue }> {
  const redis = await startRedis(settings);
  onTestFinished(() => redis.stop());
  return { redis, queue: await connect(redis) };
}

async function connect(redis: TestRedis): Promise<JobQueue> {
  const queue = await openQueue({ redis: redis.address, queueName: 'test' });
  onTestFinished(() => queue.close());
  return queue;
}

describe('the queue', () => {
  test('serves by priority, then by arrival, and tells everyone their place', async () => {
    const { queue } = await open();
    const [late, early, urgent] = [newJobId(), newJobId(), newJobId()];
    await queue.add(early, 100, 0);
    await queue.add(late, 100, 0);
    await queue.add(urgent, 1, 0);
    expect(await Promise.all([urgent, early, late].map((id) => queue.position(id, 0)))).toEqual([1, 2, 3]);
    expect(await queue.position(newJobId(), 0)).toBeNull();
    expect(await queue.depth()).toEqual({ waiting: 3, delayed: 0, running: 0 });
  });

  test('holds a run once, however often it is added, and a retry beside it', async () => {
    const { queue } = await open();
    const id = newJobId();
    for (const retries of [0, 0, 1]) await queue.add(id, 100, retries);
    expect((await queue.depth()).waiting).toBe(2);
  });

  test('says why there is no connection', async () => {
    const queue = await openQueue({ redis: socketAddress('/nowhere/redis.sock'), queueName: 'test' });
    onTestFinished(() => queue.close());
    await expect(queue.depth()).rejects.toThrow(/^Redis does not answer: its connection is \w+ \(connect ENOENT \/nowhere\/redis\.sock\)$/);
  });

  test('names the entries it does not have, and forgets removed ones', async () => {
    const { queue } = await open();
    const [here, gone] = [newJobId(), newJobId()];
    await queue.add(here, 100, 0);
    await queue.add(gone, 100, 0);
    await queue.remove(gone, 0);
    await queue.remove(gone, 0);
    expect(await queue.missing([here, gone].map((id) => ({ id, retries: 0 })))).toEqual([{ id: gone, retries: 0 }]);
  });

  test('keeps apart services that share a Redis under different queue names', async () => {
    const { redis, queue } = await open();
    const other = await openQueue({ redis: redis.address, queueName: 'other' });
    onTestFinished(() => other.close());
    await queue.add(newJobId(), 100, 0);
    expect((await other.depth()).waiting).toBe(0);
  });
});

describe('a queue whose Redis', () => {
  test('is down when it opens refuses by name, and works as soon as Redis is there', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    redis.kill('SIGKILL');
    const queue = await connect(redis);
    await expect(queue.add(newJobId(), 100, 0)).rejects.toMatchObject(UNAVAILABLE);
    await expect(queue.depth()).rejects.toMatchObject(UNAVAILABLE);
    await redis.restart();
    await expect.poll(() => queue.add(newJobId(), 100, 0), { timeout: 10_000 }).toBeUndefined();
  });

  test('is frozen when it opens refuses by name, and works as soon as Redis goes on', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    redis.kill('SIGSTOP');
    const queue = await connect(redis);
    await expect(queue.add(newJobId(), 100, 0)).rejects.toMatchObject(UNAVAILABLE);
    redis.kill('SIGCONT');
    await expect.poll(() => queue.add(newJobId(), 100, 0), { timeout: 10_000 }).toBeUndefined();
  });

  test('freezes in between does not hang a caller, and an add that timed out can be repeated', async () => {
    const { redis, queue } = await open();
    const id = newJobId();
    redis.kill('SIGSTOP');
    await expect(queue.add(id, 100, 0)).rejects.toMatchObject(UNAVAILABLE);
    redis.kill('SIGCONT');
    await expect.poll(() => queue.add(id, 100, 0), { timeout: 10_000 }).toBeUndefined();
    expect((await queue.depth()).waiting).toBe(1);
  });

  test('is killed and started again still has its entries', async () => {
    const { redis, queue } = await open({ appendfsync: 'always' });
    const id = newJobId();
    await queue.add(id, 100, 0);
    redis.kill('SIGKILL');
    await expect.poll(() => queue.depth().catch((error: Error) => error.name)).toBe('QueueUnavailable');
    await redis.restart();
    await expect.poll(() => queue.depth(), { timeout: 10_000 }).toMatchObject({ waiting: 1 });
    expect(await queue.position(id, 0)).toBe(1);
  });

  test('is nearly full takes no new work, and says how full it is', async () => {
    const { queue } = await open({ maxmemory: '1mb' });
    await expect(queue.add(newJobId(), 100, 0)).rejects.toMatchObject(UNAVAILABLE);
    await expect(queue.add(newJobId(), 100, 0)).rejects.toThrow(/\d+ of 1048576 bytes/);
  });

  test('could lose jobs by its settings is warned about', async () => {
    const { queue } = await open({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' });
    expect(await queue.warnings()).toEqual([
      expect.stringContaining('maxmemory-policy allkeys-lru'),
      expect.stringContaining('appendonly no'),
    ]);
    expect(await (await open()).queue.warnings()).toEqual([]);
  });
});
