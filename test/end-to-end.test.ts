import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { childrenOf, epochd, isAlive, MAIN, missing, pidOfRedis, type ServedService, serve, temporaryDataDir, untilJob } from './epochd.ts';
import { startRedis } from './redis.ts';

if (missing) console.warn(`SKIPPED: the product end to end: ${missing}`);

/** Long enough to be disturbed in the middle of an epoch; dropout and Adam make every batch count. */
const SMALL = {
  name: 'small',
  dataset: { source: 'imdb-mini', num_words: 100, maxlen: 20 },
  model: { embedding: { output_dim: 4 }, lstm: [{ units: 8 }], dense: [{ units: 8, dropout: 0.3 }] },
  training: { epochs: 3, optimizer: { type: 'adam' } },
};
const QUICK = { ...SMALL, name: 'quick', training: { epochs: 3, batch_size: 2048 } };
const ENDLESS = { ...SMALL, name: 'endless', training: { epochs: 1000 }, callbacks: { early_stopping: null } };
const EPOCH_LINES =
  /^Epoch (\d)\/3\n\d+\/\d+ \[={30}\](?: - \d+s \d+[mu]?s\/step)? - loss: [\d.]+ - accuracy: [\d.]+ - val_loss: [\d.]+ - val_accuracy: [\d.]+$/gm;

let dataDir: Awaited<ReturnType<typeof temporaryDataDir>>;
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

const submit = async ({ client }: ServedService, spec: object): Promise<string> => (await client.submit(JSON.stringify(spec))).id;

async function model({ url }: ServedService, id: string): Promise<{ etag: string; bytes: number }> {
  const response = await fetch(`${url}/v1/jobs/${id}/checkpoints/latest/model?format=tfjs`);
  expect(response.status).toBe(200);
  return { etag: response.headers.get('etag') ?? '', bytes: (await response.arrayBuffer()).byteLength };
}

describe.skipIf(missing)('epochd serve', () => {
  test('takes a job over HTTP, trains it, and shows it to everyone who asks', async () => {
    const service = await start();
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
    expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await model(second, disturbed)).toEqual(await model(second, undisturbed));
    expect(await second.client.history(disturbed)).toEqual(await second.client.history(undisturbed));
    const { code, stdout, stderr } = await follower;
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'the service does not answer: waiting for it\nthe service answers again\n' });
    expect([...stdout.matchAll(EPOCH_LINES)].map(([, epoch]) => epoch)).toEqual(['1', '2', '3']);
  });

  test('hands a training over at SIGTERM, spends no attempt, and leaves no process behind', async () => {
    const first = await start();
    const id = await submit(first, SMALL);
    await untilJob(first.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
    const helpers = [...childrenOf(first.process.pid), await pidOfRedis(dataDir.path)];
    expect(await first.end('SIGTERM')).toBe(0);
    expect(helpers.length).toBeGreaterThanOrEqual(2);
    await expect.poll(() => helpers.filter(isAlive)).toEqual([]);
    const second = await start();
    expect(await untilJob(second.client, id, (job) => job.is_terminal)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  test('ends a training that is cancelled, and trains the next', async () => {
    const service = await start();
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
      const [one, two] = await Promise.all([start(), start(other.path)]);
      const id = await submit(one, QUICK);
      expect((await two.client.list({})).data).toEqual([]);
      expect(await two.end('SIGTERM')).toBe(0);
      expect((await untilJob(one.client, id, (job) => job.is_terminal)).state).toBe('succeeded');
    } finally {
      await other.remove();
    }
  });

  test('outlasts the death of its Redis in the middle of a training', async () => {
    const service = await start();
    const id = await submit(service, SMALL);
    await untilJob(service.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
    process.kill(await pidOfRedis(dataDir.path), 'SIGKILL');
    await expect.poll(() => service.said.stderr, { timeout: 20_000 }).toContain('redis answers again');
    const next = await submit(service, QUICK);
    expect((await untilJob(service.client, id, (job) => job.is_terminal)).state).toBe('succeeded');
    expect((await untilJob(service.client, next, (job) => job.is_terminal)).state).toBe('succeeded');
  });

  test('refuses a data folder that another one works on, and leaves that one alone', async () => {
    const first = await start();
    await expect(serve(dataDir.path)).rejects.toThrow(`another epochd serve (process ${first.process.pid}) works on ${dataDir.path}`);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  });

  test('a port that is taken is an error with a name, and nothing stays behind', async () => {
    const first = await start();
    const other = await temporaryDataDir();
    const port = new URL(first.url).port;
    await expect(serve(other.path, { EPOCHD_PORT: port })).rejects.toThrow(`EPOCHD_PORT=${port}: another program listens there`);
    await expect(pidOfRedis(other.path)).rejects.toThrow('Connection is closed');
    await other.remove();
  });
});

describe.skipIf(missing)('epochd api and epochd worker', () => {
  test('work together on one Redis and one data folder', async () => {
    const redis = await startRedis();
    try {
      const env = { REDIS_URL: redis.url };
      const worker = await start(dataDir.path, env, 'worker');
      const api = await start(dataDir.path, env, 'api');
      const id = await submit(api, SMALL);
      await untilJob(api.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
      const second = await start(dataDir.path, env, 'worker');
      expect(await worker.end('SIGTERM')).toBe(0);
      expect(await untilJob(api.client, id, (job) => job.is_terminal)).toMatchObject({ state: 'succeeded', attempt: 1 });
      expect(await second.end('SIGTERM')).toBe(0);
      expect(await api.end('SIGTERM')).toBe(0);
    } finally {
      await redis.stop();
    }
  });
});

describe.skipIf(missing)('the commands, at a running service', () => {
  let commandDir: Awaited<ReturnType<typeof temporaryDataDir>>;
  let service: ServedService;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    commandDir = await temporaryDataDir();
    service = await serve(commandDir.path, { EPOCHD_IMDB_PATH: join(commandDir.path, 'no-such.npz') });
    env = { EPOCHD_URL: service.url };
  });

  afterAll(async () => {
    await service?.end('SIGTERM');
    await commandDir.remove();
  });

  test('submit, list, get, retry, delete', async () => {
    const submitted = await epochd(['submit', 'examples/smoke.json', '--follow'], env);
    const id = submitted.stdout.split('\n')[0] ?? '';
    expect(submitted).toMatchObject({ code: 0, stdout: expect.stringContaining('Epoch 2/2\n') });
    const [table, json, text, gotJson, retried] = await Promise.all(
      [
        ['list', '--state', 'succeeded'],
        ['list', '--json'],
        ['get', id],
        ['get', id, '--json'],
        ['retry', id],
      ].map((args) => epochd(args, env)),
    );
    expect(table?.stdout).toMatch(new RegExp(`^ID .*\n${id}  succeeded  2/2 .* smoke\n$`));
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({ data: [{ id }], has_more: false });
    expect(text?.stdout).toMatch(/^state +succeeded \(completed\)$/m);
    expect(JSON.parse(gotJson?.stdout ?? '')).toMatchObject({ id, state: 'succeeded' });
    expect(retried).toMatchObject({ code: 1, stderr: expect.stringContaining('only a failed or cancelled job') });
    expect(await epochd(['delete', id], env)).toEqual({ code: 0, stdout: `${id} is deleted\n`, stderr: '' });
    expect(await epochd(['get', id], env)).toEqual({ code: 1, stdout: '', stderr: `epochd: no job "${id}"\n` });
  });

  test('an invalid spec is refused with each pointer', async () => {
    const spec = JSON.stringify({ ...SMALL, training: { epochs: 0, batchsize: 3 } });
    const { code, stdout, stderr } = await epochd(['submit', '-'], env, spec);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('\n  /training/epochs: ');
    expect(stderr).toMatch(/\n {2}\/training\/batchsize: .*batch_size/);
  });

  test('a training that fails makes the follower fail, with the reason', async () => {
    const spec = JSON.stringify({ ...SMALL, dataset: { source: 'imdb' } });
    const { code, stdout } = await epochd(['submit', '-', '--follow'], env, spec);
    expect(code).toBe(1);
    expect(stdout).toMatch(/ failed: .*no-such\.npz.*\(dataset_missing\)\n$/);
  });

  test('Ctrl-C detaches from a training that goes on', async () => {
    const id = await submit(service, ENDLESS);
    const follower = spawn(process.execPath, [MAIN, 'follow', id, '--url', service.url], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    follower.stderr.on('data', (chunk) => (said += chunk));
    await once(follower.stdout, 'data');
    follower.kill('SIGINT');
    await once(follower, 'close');
    expect({ code: follower.exitCode, said }).toEqual({
      code: 130,
      said: `\ndetached: the job goes on. Come back with: epochd follow ${id}\n`,
    });
    expect((await service.client.get(id)).is_terminal).toBe(false);
    await service.client.cancel(id);
  });

  test('the log is JSON lines that name the request, the job and the worker', async () => {
    // TensorFlow speaks for itself on standard error, in its own way.
    const ours = service.said.stderr.split('\n').filter((line) => line.startsWith('{'));
    const lines = ours.map((line) => JSON.parse(line) as Record<string, unknown>);
    const named = (...names: string[]) => lines.filter((line) => names.every((name) => typeof line[name] === 'string'));
    expect(named('job_id', 'worker_id').length).toBeGreaterThan(3);
    expect(named('job_id', 'request_id').length).toBeGreaterThan(3);
  });
});
