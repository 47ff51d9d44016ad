import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { QueueUnavailable } from '../../src/contract/errors.ts';
import { fill, mount, unmount, whyNoDisk } from '../disks/small-disk.ts';
import { type Service, startService } from '../http/service.ts';
import { SEED } from '../seed-job.ts';
import { skipReason } from '../skip.ts';

/** The client's patience; Redis gets about half of it. */
const SOON_MS = 3_000;

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work;
  expect(performance.now() - began).toBeLessThan(milliseconds);
  return result;
}

describe.each(['SIGSTOP', 'SIGKILL'] as const)('with a Redis that got %s', (signal) => {
  let service: Service;
  let waiting: string;
  beforeEach(async () => {
    service = await startService();
    waiting = (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json().id;
    service.redis.kill(signal);
  });
  afterEach(() => service.stop());

  it('a job is refused soon, by name, and leaves nothing behind; afterwards it is taken', async () => {
    const post = () => service.app.inject({ method: 'POST', url: '/v1/jobs', headers: { 'idempotency-key': 'k' }, payload: SEED });
    const refused = await within(SOON_MS, post());
    expect([refused.statusCode, refused.json().code]).toEqual([503, 'queue_unavailable']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await service.runs.list()).toEqual([waiting]);
    if (signal === 'SIGSTOP') service.redis.kill('SIGCONT');
    else await service.redis.restart();
    await expect.poll(async () => (await post()).statusCode, { timeout: 20_000, interval: 200 }).toBe(202);
    expect(await service.runs.list()).toHaveLength(2);
  });

  it('reads and cancels go on', async () => {
    const job = await within(SOON_MS, service.app.inject({ url: `/v1/jobs/${waiting}` }));
    expect([job.statusCode, job.json().state, job.json().queue_position]).toEqual([200, 'queued', null]);
    expect((await within(SOON_MS, service.app.inject({ url: '/v1/jobs' }))).json().data).toHaveLength(1);
    expect((await service.app.inject({ url: `/v1/jobs/${waiting}/history` })).statusCode).toBe(200);
    expect((await within(SOON_MS, service.app.inject({ url: '/v1/capabilities' }))).json().engines).toBeNull();
    const cancelled = await within(SOON_MS, service.app.inject({ method: 'POST', url: `/v1/jobs/${waiting}/cancel` }));
    expect([cancelled.statusCode, cancelled.json().state]).toEqual([202, 'cancelled']);
  });

  it('a cancel is acknowledged without a word from Redis', async () => {
    const { remove } = service.queue;
    let answered = false;
    const asked = new Promise<void>((resolve) => {
      Object.assign(service.queue, {
        remove: async (...entry: Parameters<typeof remove>) => {
          resolve();
          await remove(...entry).finally(() => (answered = true));
        },
      });
    });
    if (signal === 'SIGKILL') Object.assign(service.queue, { remove: () => new Promise(() => undefined) });
    const cancelled = await service.app.inject({ method: 'POST', url: `/v1/jobs/${waiting}/cancel` });
    expect([cancelled.statusCode, cancelled.json().state, answered]).toEqual([202, 'cancelled', false]);
    if (signal === 'SIGSTOP') await asked;
  });

  it('what needs Redis says so', async () => {
    for (const url of ['/v1/queue', '/v1/workers']) {
      expect((await within(SOON_MS, service.app.inject({ url }))).statusCode).toBe(503);
    }
    await service.runs.cancel(waiting);
    const retried = await within(SOON_MS, service.app.inject({ method: 'POST', url: `/v1/jobs/${waiting}/retry` }));
    expect(retried.statusCode).toBe(503);
    expect((await service.runs.readRecord(waiting)).state).toBe('cancelled');
    const ready = await within(SOON_MS, service.app.inject({ url: '/readyz' }));
    expect([ready.statusCode, ready.json().errors.map((error: { pointer: string }) => error.pointer)]).toEqual([503, ['/redis']]);
    expect((await service.app.inject({ url: '/healthz' })).statusCode).toBe(200);
  });
});

describe('an add whose answer was lost', () => {
  it('is a 202 when a worker has the run already', async () => {
    const service = await startService();
    const { add } = service.queue;
    Object.assign(service.queue, {
      async add(id: string, priority: number, retries: number) {
        await add(id, priority, retries);
        await service.runs.claim(id, { worker: 'quick', maxAttempts: 3 });
        throw new QueueUnavailable('Redis did not do what was asked: Command timed out');
      },
    });
    const accepted = await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED });
    expect([accepted.statusCode, accepted.json().state]).toEqual([202, 'running']);
    await service.stop();
  });
});

const cannotMount = skipReason('an API with a full disk', whyNoDisk());

describe.skipIf(cannotMount)('with a full disk', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mount('1m');
  });
  afterAll(() => unmount(dataDir));

  it('a job is refused with 507 and leaves nothing behind; afterwards it is taken', async () => {
    const service = await startService({ dataDir });
    const post = () => service.app.inject({ method: 'POST', url: '/v1/jobs', headers: { 'idempotency-key': 'k' }, payload: SEED });
    const ballast = await fill(dataDir, 0);
    for (const headers of [{}, { 'idempotency-key': 'k' }] as Record<string, string>[]) {
      const refused = await service.app.inject({ method: 'POST', url: '/v1/jobs', headers, payload: SEED });
      expect([refused.statusCode, refused.json().code]).toEqual([507, 'storage_full']);
    }
    expect(await service.runs.list()).toEqual([]);
    expect(await readdir(join(service.dataDir, 'runs')).catch(() => [])).toEqual([]);
    const ready = await service.app.inject({ url: '/readyz' });
    expect([ready.statusCode, ready.json().errors.map((error: { pointer: string }) => error.pointer)]).toEqual([503, ['/data']]);
    expect((await service.app.inject({ url: '/v1/jobs' })).statusCode).toBe(200);
    rmSync(ballast);
    expect((await post()).statusCode).toBe(202);
    await service.app.close();
    await service.queue.close();
    await service.redis.stop();
  });
});
