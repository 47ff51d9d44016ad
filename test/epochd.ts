import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Client, connectClient } from '../src/cli/client.ts';
import type { Job } from '../src/contract/job.ts';
import { connectRedis } from '../src/service/redis-connection.ts';
import { MAIN } from './built.ts';
import { PACED } from './preload.ts';
import { until } from './until.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What of the caller's environment a command may see: no setting of epochd. */
export const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(EPOCHD_|REDIS_URL)/.test(name)));

/** Runs `epochd ...args` to its end. */
export async function epochd(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...plainEnvironment(), ...env } });
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

/** `epochd serve`, `api` or `worker`, on a free port, with short locks and trainings that take their time. */
export interface StartedService {
  readonly process: ChildProcess;
  /** What it said on standard output and standard error so far. */
  readonly said: { stdout: string; stderr: string };
  /** Sends a signal and waits for the end; gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** One that is ready. */
export interface ServedService extends StartedService {
  readonly url: string;
  readonly client: Client;
}

/** A user without an entry in /etc/passwd, as containers have them. Only root can become one. */
export const NAMELESS = { uid: 54_321, gid: 54_321 };

type ServiceCommand = 'serve' | 'api' | 'worker';

/** Starts it, without waiting for anything. */
export function startEpochd(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  command: ServiceCommand,
  main = MAIN,
  as: { uid?: number; gid?: number; detached?: boolean } = {},
): StartedService {
  const quick = { ...PACED, EPOCHD_PORT: '0', EPOCHD_LOCK_SECONDS: '5', EPOCHD_STALLED_SECONDS: '1' };
  const child = spawn(process.execPath, [main, command], {
    env: { ...plainEnvironment(), ...quick, EPOCHD_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...as,
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  const ended = once(child, 'close');
  return {
    process: child,
    said,
    async end(signal) {
      child.kill(signal);
      await ended;
      // Node's word for listeners that add up.
      if (said.stderr.includes('MaxListenersExceededWarning')) throw new Error(said.stderr);
      return child.exitCode;
    },
  };
}

/** Starts it and waits until it is ready. Throws what it said when it ends before. */
export async function serve(
  dataDir: string,
  env: NodeJS.ProcessEnv = {},
  command: ServiceCommand = 'serve',
  main = MAIN,
  as: { uid?: number; gid?: number; detached?: boolean } = {},
): Promise<ServedService> {
  const service = startEpochd(dataDir, env, command, main, as);
  const { process: child, said } = service;
  await until(() => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`epochd ${command} ended with ${child.exitCode}: ${said.stderr}`);
    return command === 'worker' ? said.stderr.includes('the worker takes jobs') : said.stdout.includes('\n');
  }, `epochd ${command} is ready`);
  const url = said.stdout.trim().replace('epochd listens on ', '');
  return { ...service, url, client: connectClient(url) };
}

/** A data folder for services, with a short path. */
export interface DataDir {
  readonly path: string;
  /** Also ends the Redis that a killed service left behind. */
  remove(): Promise<void>;
}

export async function temporaryDataDir(): Promise<DataDir> {
  const path = await mkdtemp(join(tmpdir(), 'epochd-e2e-'));
  return {
    path,
    async remove() {
      const redis = await connectRedis(join(path, 'sockets', 'redis.sock'), 5_000);
      redis?.shutDown();
      await redis?.closed;
      await rm(path, { recursive: true, force: true });
    },
  };
}

export const submit = async ({ client }: ServedService, spec: object): Promise<string> => (await client.submit(JSON.stringify(spec))).id;

/** Waits until a job is as `condition` wants it. The test's own timeout bounds it. */
export async function untilJob(client: Client, id: string, condition: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await client.get(id);
    if (condition(job)) return job;
    if (job.is_terminal) throw new Error(`${id} is ${job.state} (${job.error?.message ?? job.state_reason}) and not what was waited for`);
    await delay(50);
  }
}

/** The Redis of a service that keeps its data there. */
export async function pidOfRedis(dataDir: string): Promise<number> {
  const redis = new Redis(join(dataDir, 'sockets', 'redis.sock'), { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined); // connect() rejects, too.
  try {
    await redis.connect();
    return Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  } finally {
    redis.disconnect();
  }
}
