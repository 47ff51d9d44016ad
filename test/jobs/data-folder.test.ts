import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../../src/contract/errors.ts';
import { buildApp } from '../../src/http/app.ts';
import { consume } from '../../src/queue/consumer.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { temporaryFolder } from '../folders.ts';
import { type Service, startService } from '../http/service.ts';
import { SEED } from '../seed-job.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.stop());

const post = () => service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED });
const get = async (url: string) => (await service.app.inject({ url })).statusCode;

describe('an API whose data folder is not that of the queue', () => {
  it('is not ready, takes nothing and denies nothing; it names both folders and how to mend it', async () => {
    const id = (await post()).json().id;
    const identity = (await service.queue.folder()) ?? '';
    const away = join(temporaryFolder(), 'away');
    await rename(service.dataDir, away);
    await mkdir(join(service.dataDir, 'runs'), { recursive: true });
    const ready = await service.app.inject({ url: '/readyz' });
    expect([ready.statusCode, ready.json().errors[0].pointer]).toEqual([503, '/data']);
    expect(ready.json().detail).toContain(identity);
    expect(ready.body).not.toContain(service.dataDir);
    expect(JSON.stringify(service.logged)).toContain(service.dataDir);
    expect(ready.json().detail).toContain('EPOCHD_QUEUE_NAME');
    const refused = await post();
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([503, 'data_folder_mismatch', '2']);
    expect([await get(`/v1/jobs/${id}`), await get('/v1/jobs')]).toEqual([503, 503]);
    await rm(service.dataDir, { recursive: true });
    await rename(away, service.dataDir);
    expect([await get(`/v1/jobs/${id}`), await get('/readyz'), (await post()).statusCode]).toEqual([200, 200, 202]);
  });

  it('does not take the queue over when Redis has lost everything', async () => {
    await post();
    const identity = await service.queue.folder();
    const { app, queue } = service;
    const dataDir = temporaryFolder();
    const ghost = await buildApp({
      blobs: await openFolder(dataDir),
      queue,
      dataDir,
      version: '0.0.0',
      log: silent,
      loopbackOnly: true,
    });
    expect((await ghost.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).statusCode).toBe(503);
    await flush(service);
    expect((await ghost.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).statusCode).toBe(503);
    expect((await app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).statusCode).toBe(202);
    await expect.poll(() => queue.folder(), { timeout: 10_000 }).toBe(identity);
    await ghost.close();
  });
});

describe('a job that no worker may read', () => {
  it('says why it waits', async () => {
    const id = (await post()).json().id;
    const worker = await consume(
      {
        redis: service.redis.address,
        queueName: 'jobs',
        concurrency: 1,
        lockDurationMs: 5_000,
        stalledIntervalMs: 5_000,
        retryDelayMs: 60_000,
      },
      () => Promise.reject(new StorageUnavailable('/data/runs cannot be read or written (EACCES)')),
      silent,
    );
    await expect.poll(async () => (await service.queue.depth()).delayed, { timeout: 20_000 }).toBe(1);
    await worker.close('worker', 1_000);
    const job = (await service.app.inject({ url: `/v1/jobs/${id}` })).json();
    expect([job.state, job.error]).toEqual([
      'queued',
      { kind: 'infrastructure', code: 'storage_unavailable', message: '[path] cannot be read or written (EACCES)', retryable: true },
    ]);
  });
});

const silent = pino({ level: 'silent' });

async function flush({ redis }: Service): Promise<void> {
  const client = new Redis(redis.url.replace('unix://', ''));
  await client.flushall();
  client.disconnect();
}
