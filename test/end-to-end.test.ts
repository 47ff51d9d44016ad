import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { notBuilt } from './built.ts';
import { type DataDir, epochd, pidOfRedis, type ServedService, serve, submit, temporaryDataDir, untilJob } from './epochd.ts';
import { childrenOf, isAlive } from './processes.ts';
import { startRedis } from './redis.ts';
import { ENDLESS, QUICK, SMALL } from './small-jobs.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const EPOCH_LINES =
  /^Epoch (\d)\/\d\n\d+\/\d+ \[={30}\](?: - \d+s \d+[mu]?s\/step)? - loss: [\d.]+ - accuracy: [\d.]+ - val_loss: [\d.]+ - val_accuracy: [\d.]+$/gm;

let dataDir: DataDir;
const services: ServedService[] = [];

beforeEach(async () => {
  dataDir = await temporaryDataDir();
});

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.end('SIGKILL')));
  await dataDir.remove();
});

async function start(
  path = dataDir.path,
  env: NodeJS.ProcessEnv = {},
  command: 'serve' | 'api' | 'worker' = 'serve',
): Promise<ServedService> {
  const service = await serve(path, env, command);
  services.push(service);
  return service;
}

async function model({ url }: ServedService, id: string): Promise<{ sha256: string; bytes: number }> {
  const response = await fetch(`${url}/v1/jobs/${id}/checkpoints/latest/model?format=tfjs`);
  expect(response.status).toBe(200);
  const archive = new Uint8Array(await response.arrayBuffer());
  return { sha256: createHash('sha256').update(archive).digest('hex'), bytes: archive.length };
}

describe.skipIf(notBuilt)('epochd serve', () => {
  let folder: DataDir;
  let service: ServedService;
  beforeAll(async () => {
    folder = await temporaryDataDir();
    service = await serve(folder.path);
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    await folder.remove();
  });

  test('takes a job over HTTP, trains it, and shows it to everyone who asks', async () => {
    const response = await fetch(`${service.url}/v1/jobs`, {
      method: 'POST',
      body: JSON.stringify(QUICK),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    const followed = await epochd(['follow', id, '--url', service.url]);
    expect(followed).toMatchObject({ code: 0, stderr: '' });
    expect([...followed.stdout.matchAll(EPOCH_LINES)].map(([, epoch]) => epoch)).toEqual(['1', '2', '3']);
    expect(followed.stdout).toMatch(new RegExp(`${id} succeeded \\(completed\\); best val_loss 0\\.\\d{4} in epoch \\d\\n$`));
    const history = await service.client.history(id);
    expect(history.epoch).toHaveLength(3);
    expect(history.history.val_accuracy).toHaveLength(3);
    expect((await model(service, id)).bytes).toBeGreaterThan(1_000);
    expect(await (await fetch(`${service.url}/v1/jobs/${id}/curves.svg`)).text()).toContain('val_loss');
    expect(service.said.stdout).toBe(`epochd listens on ${service.url}\n`);
  });

  test('ends a training that is cancelled, and trains the next', async () => {
    const id = await submit(service, ENDLESS);
    const next = await submit(service, QUICK);
    await untilJob(service.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
    const follower = epochd(['follow', id, '--url', service.url]);
    expect(await epochd(['cancel', id, '--url', service.url])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^job_.* is cancell/),
    });
    expect((await follower).code).toBe(3);
    expect((await untilJob(service.client, next, (job) => job.is_terminal)).state).toBe('succeeded');
    expect((await service.client.get(id)).state).toBe('cancelled');
  });

  test('is disturbed by no other service with a port and a data folder of its own', async () => {
    const other = await temporaryDataDir();
    try {
      const two = await start(other.path);
      const id = await submit(service, QUICK);
      expect((await two.client.list({})).data).toEqual([]);
      expect(await two.end('SIGTERM')).toBe(0);
      expect((await untilJob(service.client, id, (job) => job.is_terminal)).state).toBe('succeeded');
    } finally {
      await other.remove();
    }
  });

  test('outlasts the death of its Redis in the middle of a training', async () => {
    const id = await submit(service, SMALL);
    await untilJob(service.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
    process.kill(await pidOfRedis(folder.path), 'SIGKILL');
    await expect.poll(() => service.said.stderr, { timeout: 20_000 }).toContain('redis answers again');
    await expect.poll(async () => (await fetch(`${service.url}/readyz`)).status, { timeout: 20_000 }).toBe(200);
    const next = await submit(service, QUICK);
    expect((await untilJob(service.client, id, (job) => job.is_terminal)).state).toBe('succeeded');
    expect((await untilJob(service.client, next, (job) => job.is_terminal)).state).toBe('succeeded');
  });

  test('refuses a data folder that another one works on, and leaves that one alone', async () => {
    await expect(serve(folder.path)).rejects.toThrow(`another epochd serve (process ${service.process.pid}) works on ${folder.path}`);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  });

  test('a port that is taken is an error with a name, and nothing stays behind', async () => {
    const other = await temporaryDataDir();
    const port = new URL(service.url).port;
    await expect(serve(other.path, { EPOCHD_PORT: port })).rejects.toThrow(`EPOCHD_PORT=${port}: another program listens there`);
    await expect(pidOfRedis(other.path)).rejects.toThrow('Connection is closed');
    await other.remove();
  });
});

describe.skipIf(notBuilt)('epochd serve, ended in the middle of a training', () => {
  test('goes on after kill -9 in the middle of an epoch, to the same bits as an undisturbed run', async () => {
    const first = await start();
    const undisturbed = await submit(first, SMALL);
    await untilJob(first.client, undisturbed, (job) => job.is_terminal);
    const disturbed = await submit(first, SMALL);
    const follower = epochd(['follow', disturbed, '--url', first.url]);
    await untilJob(first.client, disturbed, ({ progress }) => progress !== null && progress.epoch >= 2 && progress.step > 0);
    await first.end('SIGKILL');
    const second = await start(dataDir.path, { EPOCHD_PORT: new URL(first.url).port });
    const job = await untilJob(second.client, disturbed, ({ is_terminal }) => is_terminal);
    expect(job).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await model(second, disturbed)).toEqual(await model(second, undisturbed));
    expect(await second.client.history(disturbed)).toEqual(await second.client.history(undisturbed));
    const { code, stdout, stderr } = await follower;
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'the service does not answer: waiting for it\nthe service answers again\n' });
    expect([...stdout.matchAll(EPOCH_LINES)].map(([, epoch]) => epoch)).toEqual(['1', '2', '3', '4', '5']);
  });

  test('hands a training over at SIGTERM, spends no attempt, and leaves no process behind', async () => {
    const first = await start();
    const id = await submit(first, SMALL);
    await untilJob(first.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
    const workers = childrenOf(first.process.pid);
    const helpers = [...workers, ...workers.flatMap(childrenOf), await pidOfRedis(dataDir.path)];
    expect(await first.end('SIGTERM')).toBe(0);
    expect(helpers.length).toBeGreaterThanOrEqual(3);
    await expect.poll(() => helpers.filter(isAlive)).toEqual([]);
    const second = await start();
    const job = await untilJob(second.client, id, ({ is_terminal }) => is_terminal);
    expect(job).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(job.transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'handed_over', 'claimed', 'completed']);
  });
});

describe.skipIf(notBuilt)('epochd api and epochd worker', () => {
  test('work together on one Redis and one data folder', async () => {
    const redis = await startRedis();
    try {
      const env = { REDIS_URL: redis.url };
      const worker = await start(dataDir.path, env, 'worker');
      const api = await start(dataDir.path, env, 'api');
      const id = await submit(api, ENDLESS);
      await untilJob(api.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
      const second = await start(dataDir.path, env, 'worker');
      expect(await worker.end('SIGTERM')).toBe(0);
      const goesOn = ['submitted', 'claimed', 'handed_over', 'claimed'].join();
      await untilJob(api.client, id, ({ transitions }) => transitions.map(({ reason }) => reason).join() === goesOn);
      await api.client.cancel(id);
      expect(await untilJob(api.client, id, (job) => job.is_terminal)).toMatchObject({ state: 'cancelled', attempt: 1 });
      expect(await second.end('SIGTERM')).toBe(0);
      expect(await api.end('SIGTERM')).toBe(0);
    } finally {
      await redis.stop();
    }
  });
});
