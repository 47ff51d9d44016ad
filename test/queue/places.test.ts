import { Redis } from 'ioredis';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { type Consumer, consume, type Handle } from '../../src/queue/consumer.ts';
import type { QueueEntry } from '../../src/queue/entry.ts';
import { openQueue } from '../../src/queue/queue.ts';
import { startRedis } from '../redis.ts';
import { newJobId } from '../seed-job.ts';

const KEYS = '{epochd}:test';
const SETTINGS = { queueName: 'test', concurrency: 1, lockDurationMs: 1000, stalledIntervalMs: 300, retryDelayMs: 50 };

/** A queue, and the hands of an operator in its Redis. */
async function open() {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const queue = await openQueue({ redis: redis.address, queueName: 'test' });
  onTestFinished(() => queue.close());
  const operator = new Redis(redis.address.path ?? '');
  onTestFinished(() => operator.disconnect());
  return {
    redis,
    queue,
    operator,
    async add(count: number): Promise<QueueEntry[]> {
      const entries = Array.from({ length: count }, () => ({ id: newJobId(), retries: 0 }));
      for (const { id } of entries) await queue.add(id, 100, 0);
      return entries;
    },
    async consume(handle: Handle): Promise<Consumer> {
      const consumer = await consume({ ...SETTINGS, redis: redis.address }, handle, pino({ level: 'silent' }));
      onTestFinished(() => consumer.close('w', 2000));
      return consumer;
    },
  };
}

test('entries whose place is lost are missing, though their hashes are left', async () => {
  const { queue, operator, add } = await open();
  const entries = await add(3);
  await operator.zrem(`${KEYS}:prioritized`, `${entries[1]?.id}.0`);
  expect(await queue.missing(entries)).toEqual([entries[1]]);
  await operator.del(`${KEYS}:prioritized`);
  expect(await queue.missing(entries)).toEqual(entries);
});

test('an entry whose hash is lost is missing, though its place is left; it is trained all the same if a worker comes first', async () => {
  const { queue, operator, add, consume } = await open();
  const [kept, lost] = (await add(2)) as [QueueEntry, QueueEntry];
  await operator.del(`${KEYS}:${lost.id}.0`);
  expect(await queue.missing([kept, lost])).toEqual([lost]);
  const handled: string[] = [];
  await consume(async (id) => {
    handled.push(id);
    return 'done';
  });
  await expect.poll(() => handled, { timeout: 10_000 }).toEqual([kept.id, lost.id]);
});

test('half of a backup: what has a place and no hash, and what has a hash and no place, is mended by removing and adding it', async () => {
  const { queue, operator, add } = await open();
  const entries = await add(4);
  await operator.del(`${KEYS}:prioritized`);
  await operator.del(...entries.slice(2).map(({ id }) => `${KEYS}:${id}.0`));
  await operator.rpush(`${KEYS}:wait`, ...entries.slice(2).map(({ id }) => `${id}.0`));
  for (const { id, retries } of await queue.missing(entries)) {
    await queue.remove(id, retries);
    await queue.add(id, 100, retries);
  }
  expect(await queue.missing(entries)).toEqual([]);
  expect(await Promise.all(entries.map(({ id }) => queue.position(id, 0)))).toEqual([1, 2, 3, 4]);
});

test('an entry is not missing wherever it waits, is paused, or is in work, not even while a worker holds one that lost its place', async () => {
  const { queue, operator, add, consume } = await open();
  const [held, delayed, waiting, paused] = (await add(4)) as [QueueEntry, QueueEntry, QueueEntry, QueueEntry];
  let release = (): void => undefined;
  const holding = new Promise<'done'>((resolve) => {
    release = () => resolve('done');
  });
  const calls: string[] = [];
  const consumer = await consume(async (id) => {
    calls.push(id);
    if (id === held.id) return holding;
    throw new Error('after a pause');
  });
  await expect.poll(() => calls).toContain(held.id);
  for (const [list, { id }] of [
    ['wait', waiting],
    ['paused', paused],
  ] as const) {
    await operator.zrem(`${KEYS}:prioritized`, `${id}.0`);
    await operator.lpush(`${KEYS}:${list}`, `${id}.0`);
  }
  await operator.zrem(`${KEYS}:prioritized`, `${delayed.id}.0`);
  await operator.zadd(`${KEYS}:delayed`, 2 ** 52, `${delayed.id}.0`);
  const all = [held, delayed, waiting, paused];
  expect(await queue.missing(all)).toEqual([]);
  await consumer.pause();
  await operator.lrem(`${KEYS}:active`, 0, `${held.id}.0`);
  expect(await queue.missing(all)).toEqual([]);
  release();
});

test('entries that go from place to place are not taken for lost', async () => {
  const { queue, add, consume } = await open();
  const entries = await add(60);
  const consumer = await consume(async () => 'give_back');
  for (let round = 0; round < 100; round++) expect(await queue.missing(entries)).toEqual([]);
  await consumer.pause();
});

test('a user that may run neither scripts nor dangerous commands may ask which entries are missing', async () => {
  const { redis, operator, queue, add } = await open();
  const entries = await add(2);
  await operator.del(`${KEYS}:prioritized`);
  await operator.call('ACL', 'SETUSER', 'default', '-@dangerous', '-@scripting');
  expect(redis.pid).toBeGreaterThan(0);
  expect(await queue.missing(entries)).toEqual(entries);
});
