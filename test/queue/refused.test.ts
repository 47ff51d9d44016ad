import { Redis } from 'ioredis';
import { type DestinationStream, pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { parseRedisUrl } from '../../scripts/redis-address.mjs';
import { consume, type Handle } from '../../src/queue/consumer.ts';
import { openQueue } from '../../src/queue/queue.ts';
import { freePort } from '../free-port.ts';
import { startRedis } from '../redis.ts';
import { newJobId } from '../seed-job.ts';

const SETTINGS = { queueName: 'test', concurrency: 1, lockDurationMs: 1000, stalledIntervalMs: 300 };

async function bench() {
  const port = await freePort();
  const redis = await startRedis({ port: String(port) });
  onTestFinished(() => redis.stop());
  const admin = new Redis(redis.address.path ?? '');
  onTestFinished(() => admin.disconnect());
  const lines: string[] = [];
  const output: DestinationStream = { write: (line: string) => void lines.push(line) };
  return {
    redis,
    admin,
    lines,
    address: (user = '') => parseRedisUrl(`redis://${user}127.0.0.1:${port}`),
    async consume(handle: Handle, user = '', retryDelayMs = 20) {
      const consumer = await consume(
        { ...SETTINGS, retryDelayMs, redis: parseRedisUrl(`redis://${user}127.0.0.1:${port}`) },
        handle,
        pino({}, output),
      );
      return consumer;
    },
  };
}

test.each([
  ['a replica', (admin: Redis) => admin.replicaof('127.0.0.1', '1'), (admin: Redis) => admin.replicaof('NO', 'ONE')],
  [
    'a user that may run no scripts',
    (admin: Redis) => admin.call('ACL', 'SETUSER', 'default', '-evalsha', '-eval'),
    (admin: Redis) => admin.call('ACL', 'SETUSER', 'default', '+@all'),
  ],
])('%s: the worker says so once, asks seldom, says when it is over, and goes on', async (_, refuse, permit) => {
  const { admin, address, lines, consume } = await bench();
  const handled: string[] = [];
  const consumer = await consume(async (id) => {
    handled.push(id);
    return 'done';
  });
  onTestFinished(() => consumer.close('w', 2000));
  await refuse(admin);
  await expect.poll(() => lines.filter((line) => line.includes('redis does not do')).length).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(lines.length).toBeLessThan(8);
  await permit(admin);
  const queue = await openQueue({ redis: address(), queueName: 'test' });
  onTestFinished(() => queue.close());
  const id = newJobId();
  await expect.poll(() => queue.add(id, 100, 0).then(() => 'added'), { timeout: 10_000 }).toBe('added');
  await expect.poll(() => handled, { timeout: 20_000 }).toContain(id);
  await expect.poll(() => lines.at(-1), { timeout: 20_000 }).toContain('redis does again');
});

test('a user without dangerous commands, INFO among them, takes and adds jobs', async () => {
  const { admin, address, consume } = await bench();
  await admin.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '&*', '+@all', '-@dangerous');
  const queue = await openQueue({ redis: address('app:pw@'), queueName: 'test' });
  onTestFinished(() => queue.close());
  expect(await queue.warnings()).toEqual([expect.stringContaining('does not permit INFO')]);
  await queue.tryAdd();
  const handled: string[] = [];
  const consumer = await consume(async (id) => {
    handled.push(id);
    return 'done';
  }, 'app:pw@');
  onTestFinished(() => consumer.close('w', 2000));
  await queue.add(newJobId(), 100, 0);
  await expect.poll(() => handled, { timeout: 10_000 }).toHaveLength(1);
});

test('readiness is refused where adding is, and leaves nothing behind', async () => {
  const { redis, admin } = await bench();
  const queue = await openQueue({ redis: redis.address, queueName: 'test' });
  onTestFinished(() => queue.close());
  await queue.tryAdd();
  expect(await admin.keys('*')).toEqual([]);
  await admin.replicaof('127.0.0.1', '1');
  await expect(queue.tryAdd()).rejects.toThrow('READONLY');
  await admin.replicaof('NO', 'ONE');
  await expect
    .poll(
      () =>
        queue.tryAdd().then(
          () => 'ready',
          () => 'refused',
        ),
      { timeout: 5000 },
    )
    .toBe('ready');
  await admin.config('SET', 'maxmemory', '1mb');
  await expect(queue.tryAdd()).rejects.toThrow('maxmemory');
});

test('a database that Redis does not have is refused, and not exchanged for another one', async () => {
  const { address } = await bench();
  const queue = await openQueue({ redis: { ...address(), db: 99 }, queueName: 'test' });
  onTestFinished(() => queue.close());
  await expect(queue.add(newJobId(), 100, 0)).rejects.toThrow('DB index is out of range');
});

test('a pause that a worker began with its clock ten minutes ahead ends when it should', async () => {
  const { redis, consume } = await bench();
  const queue = await openQueue({ redis: redis.address, queueName: 'test' });
  onTestFinished(() => queue.close());
  const { now } = Date;
  onTestFinished(() => {
    Date.now = now;
  });
  let calls = 0;
  await queue.add(newJobId(), 100, 0);
  const consumer = await consume(
    async () => {
      if (++calls > 1) return 'done';
      Date.now = () => now() + 600_000;
      throw new Error('not yet');
    },
    '',
    3000,
  );
  onTestFinished(() => consumer.close('w', 2000));
  await expect.poll(async () => (await queue.depth()).delayed, { timeout: 10_000 }).toBe(1);
  Date.now = now;
  await expect.poll(() => calls, { timeout: 20_000 }).toBe(2);
});
