import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { unfailingOutput } from '../../src/log/log-output.ts';
import { MAIN, notBuilt } from '../built.ts';
import { type DataDir, temporaryDataDir } from '../epochd.ts';
import { temporaryFolder } from '../folders.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { skipReason } from '../skip.ts';

const FULL = '/dev/full';
const cannotBeFull = skipReason('logs that cannot be written', notBuilt, existsSync(FULL) ? null : `there is no ${FULL}`);

describe.skipIf(cannotBeFull)('a process whose words cannot be written', () => {
  let dataDir: DataDir;
  let redis: TestRedis;
  beforeEach(async () => {
    dataDir = await temporaryDataDir();
    redis = await startRedis();
  });
  afterEach(async () => {
    await redis.stop();
    await dataDir.remove();
  });

  const start = (command: string, stdout: 'pipe' | number, stderr: 'pipe' | number) => {
    const env = { PATH: process.env.PATH, EPOCHD_DATA_DIR: dataDir.path, REDIS_URL: redis.url, EPOCHD_PORT: '0' };
    const child = spawn(process.execPath, [MAIN, command], { env, stdio: ['ignore', stdout, stderr] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };

  const full = (): number => {
    const fd = openSync(FULL, 'w');
    onTestFinished(() => closeSync(fd));
    return fd;
  };

  test.each(['api', 'serve'])('%s: a full disk under the log does not end it', async (command) => {
    const child = start(command, 'pipe', full());
    let said = '';
    child.stdout?.on('data', (chunk) => (said += chunk));
    await expect
      .poll(() => [said.trim().split(' ').at(-1), child.exitCode], { timeout: 40_000 })
      .toEqual([expect.stringMatching(/^http/), null]);
    const url = said.trim().split(' ').at(-1) ?? '';
    for (let k = 0; k < 20; k++) expect((await fetch(`${url}/v1/jobs`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('worker: a full disk under the log does not end it, and standard output neither', async () => {
    const child = start('worker', full(), full());
    await delayed(3_000, once(child, 'exit'));
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('api: a full disk under standard output does not end it', async () => {
    const child = start('api', full(), 'pipe');
    let said = '';
    child.stderr?.on('data', (chunk) => (said += chunk));
    await expect.poll(() => [said.includes('listening'), child.exitCode], { timeout: 40_000 }).toEqual([true, null]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('api: a reader of the log that sleeps does not stop it', async () => {
    const child = start('api', 'pipe', 'pipe');
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const url = line.toString().trim().split(' ').at(-1) ?? '';
    // Nobody reads standard error: the pipe is full after some hundred requests.
    for (let k = 0; k < 1_500; k++) expect((await fetch(`${url}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    child.stderr?.resume();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('a command says that its output could not be written', async () => {
    const child = spawn(process.execPath, [MAIN, 'openapi'], { stdio: ['ignore', full(), 'pipe'] });
    const [stderr] = await Promise.all([text(child.stderr!), once(child, 'close')]);
    expect([child.exitCode, stderr]).toEqual([1, expect.stringMatching(/^epochd: standard output cannot be written: ENOSPC.*\n$/)]);
  });
});

test('lines that cannot be written are dropped, and the next one that can says how many', async () => {
  const path = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(pipe));
  fill(pipe);
  const output = unfailingOutput(pipe);
  for (const line of ['one', 'two', 'three']) output.write(`${line}\n`);
  drain(pipe);
  for (const line of ['four', 'five']) output.write(`${line}\n`);
  const lines = drain(pipe).trim().split('\n');
  expect(lines.slice(1)).toEqual(['four', 'five']);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', lost: 3, reason: 'EAGAIN' });
});

function fill(pipe: number): void {
  for (;;) {
    try {
      writeSync(pipe, Buffer.alloc(512));
    } catch {
      // EAGAIN: it is full.
      return;
    }
  }
}

function drain(pipe: number): string {
  const buffer = Buffer.alloc(2 ** 20);
  let text = '';
  for (;;) {
    try {
      text += buffer.toString('utf8', 0, readSync(pipe, buffer));
    } catch {
      // EAGAIN: it is empty.
      return text;
    }
  }
}

const delayed = (ms: number, other: Promise<unknown>): Promise<unknown> =>
  Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), other]);
