import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { type DataDir, type StartedService, serve, startEpochd, temporaryDataDir } from '../epochd.ts';
import { freePort } from '../free-port.ts';
import { startRedis } from '../redis.ts';
import { until } from '../until.ts';

/** In which a worker that complained at every try would do so often. */
const A_WHILE_MS = 4_000;

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

  /** Says nothing twice, and few things in all, and ends when it is told to. */
  async function expectCalm(reason: RegExp): Promise<void> {
    if (!worker) throw new Error('there is no worker');
    const { said } = worker;
    const complaints = (): string[] => said.stderr.split('\n').filter((line) => reason.test(line));
    await until(() => complaints().length > 0, `the worker says ${reason}`);
    await sleep(A_WHILE_MS);
    const sentences = said.stderr
      .trim()
      .split('\n')
      .map((line) => line.replace(/"time":"[^"]*",/, ''));
    expect(sentences, said.stderr).toEqual([...new Set(sentences)]);
    expect(sentences.length, said.stderr).toBeLessThan(12);
    expect(await worker.end('SIGTERM')).toBe(0);
  }

  test('whose Redis is frozen when it starts waits for it, says so once, and ends with 0', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    redis.kill('SIGSTOP');
    worker = startEpochd(dataDir.path, { REDIS_URL: redis.url }, 'worker');
    await expectCalm(/"reason":"nothing is answered.*waiting for redis/);
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
    await expectCalm(/does not speak the protocol of Redis/);
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
    await expectCalm(/WRONGPASS/);
    expect(served.said.stderr).not.toContain('hunter');
  });
});
