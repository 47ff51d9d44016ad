import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { notBuilt } from '../built.ts';
import { type DataDir, type StartedService, serve, startEpochd, temporaryDataDir } from '../epochd.ts';
import { freePort } from '../free-port.ts';
import { startRedis } from '../redis.ts';
import { until } from '../until.ts';

/** In which a worker that complained at every try would do so often. */
const A_WHILE_MS = 4_000;

/** Finding the engines takes long on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

describe.skipIf(notBuilt)('a worker', () => {
  let dataDir: DataDir;
  let worker: StartedService | undefined;
  beforeEach(async () => {
    dataDir = await temporaryDataDir();
  });
  afterEach(async () => {
    if (worker?.process.exitCode === null) await worker.end('SIGKILL');
    await dataDir.remove();
  });

  /** What it has said a while after it first said `reason`, without the time; and how it ends when it is told to. */
  async function whatComesOf(reason: RegExp): Promise<{ sentences: string[]; code: number | null }> {
    if (!worker) throw new Error('there is no worker');
    const { said } = worker;
    await until(() => reason.test(said.stderr), `the worker says ${reason}`);
    await sleep(A_WHILE_MS);
    const sentences = said.stderr
      .trim()
      .split('\n')
      .map((line) => line.replace(/"time":"[^"]*",/, ''));
    return { sentences, code: await worker.end('SIGTERM') };
  }

  function expectCalm({ sentences, code }: Awaited<ReturnType<typeof whatComesOf>>): void {
    expect(sentences).toEqual([...new Set(sentences)]);
    expect(sentences.length, sentences.join('\n')).toBeLessThan(12);
    expect(code).toBe(0);
  }

  test('whose Redis is frozen when it starts waits for it, says so once, and ends with 0', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    redis.kill('SIGSTOP');
    worker = startEpochd(dataDir.path, { REDIS_URL: redis.url }, 'worker');
    const outcome = await whatComesOf(/"reason":"nothing is answered.*waiting for redis/);
    expect(outcome.code).toBe(0);
    expectCalm(outcome);
  });

  test('whose Redis is an HTTP server says once that it is none, and ends with 0', async () => {
    const http = createServer((_, response) => response.end('hello'));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    onTestFinished(() => {
      http.closeAllConnections();
      http.close();
    });
    worker = startEpochd(dataDir.path, { REDIS_URL: `redis://127.0.0.1:${(http.address() as AddressInfo).port}` }, 'worker');
    const outcome = await whatComesOf(/does not speak the protocol of Redis/);
    expect(outcome.code).toBe(0);
    expectCalm(outcome);
  });

  test('whose password is changed while it runs says once that it is refused, never which one it has, and ends with 0', async () => {
    const port = await freePort();
    const redis = await startRedis({ port: String(port) });
    onTestFinished(() => redis.stop());
    const admin = new Redis(redis.address.path ?? '');
    onTestFinished(() => admin.disconnect());
    await admin.config('SET', 'requirepass', 'hunter2');
    const served = await serve(dataDir.path, { REDIS_URL: `redis://:hunter2@127.0.0.1:${port}` }, 'worker');
    worker = served;
    await admin.config('SET', 'requirepass', 'hunter3');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const outcome = await whatComesOf(/WRONGPASS/);
    expect(outcome.code).toBe(0);
    expectCalm(outcome);
    expect(served.said.stderr).not.toContain('hunter');
  });
});
