import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { RedisAddress } from '../../scripts/redis-address.mjs';
import type { WorkerSettings } from '../../src/worker/settings.ts';
import { TRAINER } from '../built.ts';
import { PACED } from '../preload.ts';
import { childrenOf } from '../processes.ts';
import { until } from '../until.ts';

/** Whatever of the settings a test wants otherwise. */
export interface WorkerTuning {
  readonly id?: string;
  readonly queue?: Partial<WorkerSettings['queue']>;
  readonly trainer?: Partial<WorkerSettings['trainer']>;
  readonly runtime?: WorkerSettings['runtime'];
  readonly memoryBytes?: number;
  readonly maxAttempts?: number;
  /** Beside the test's own environment, for the worker and its trainers. */
  readonly env?: Readonly<Record<string, string>>;
  readonly reconcileMs?: number;
}

export interface WorkerProcess {
  readonly id: string;
  readonly pid: number;
  readonly started: Promise<void>;
  /** What it logged. */
  log(): string;
  /** The process that trains; waits until there is one. */
  trainer(): Promise<number>;
  /** Every process that `trainer` gave. */
  trainersSeen(): number[];
  /** Whether it was still there to be signalled. */
  kill(signal: NodeJS.Signals): boolean;
  /** SIGTERM; resolves to the exit code when it is gone. */
  terminate(): Promise<number | null>;
  /** Whatever state it is in. */
  close(): Promise<void>;
}

const MAIN = resolve('test/rig/worker-main.mjs');
let count = 0;

export function spawnWorker(dataDir: string, redis: RedisAddress, { env = {}, ...tuning }: WorkerTuning): WorkerProcess {
  const settings = settingsOf(dataDir, redis, tuning);
  const child = fork(MAIN, [JSON.stringify(settings)], {
    env: { ...process.env, ...PACED, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  const trainers = new Set<number>();
  let log = '';
  let isKilled = false;
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (log += data.toString()));
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const died = exited.then(() => {
    throw new Error(`the worker ended before it had started:\n${log}`);
  });
  died.catch(() => undefined);
  const terminate = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    await exited;
    return child.exitCode;
  };
  return {
    id: settings.id,
    pid,
    started: Promise.race([once(child, 'message').then(() => undefined), died]),
    log: () => log,
    async trainer() {
      await until(() => childrenOf(pid).length > 0, `worker ${pid} has forked a trainer`);
      const [trainer = 0] = childrenOf(pid);
      trainers.add(trainer);
      return trainer;
    },
    trainersSeen: () => [...trainers],
    kill(signal) {
      if (signal === 'SIGKILL') isKilled = true;
      return child.kill(signal);
    },
    terminate,
    async close() {
      if (isKilled) await exited;
      if (ended()) return;
      child.kill('SIGCONT');
      const code = await terminate();
      if (code !== 0) throw new Error(`the worker ended with ${code ?? child.signalCode}, expected 0:\n${log}`);
    },
  };
}

const settingsOf = (dataDir: string, redis: RedisAddress, tuning: Omit<WorkerTuning, 'env'>): WorkerSettings => ({
  id: `worker-${++count}`,
  engines: [],
  dataDir,
  dataset: { imdbPath: null, imdbUrl: 'http://127.0.0.1:9/imdb.npz', cacheDir: join(dataDir, 'cache') },
  maxAttempts: 5,
  reconcileMs: 60_000,
  announceMs: 1000,
  version: '0.0.0-test',
  runtime: { defaultSeconds: null, maxSeconds: null },
  memoryBytes: 2 ** 40,
  ...tuning,
  queue: {
    redis,
    queueName: 'epochd',
    concurrency: 1,
    lockDurationMs: 1500,
    stalledIntervalMs: 500,
    retryDelayMs: 50,
    ...tuning.queue,
  },
  trainer: { path: TRAINER, env: {}, threads: 1, graceMs: 5000, silenceMs: 20_000, ...tuning.trainer },
});
