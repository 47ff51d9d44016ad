import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RedisAddress } from '../../scripts/redis-address.mjs';
import { type Config, inheritedEnvironment } from '../config/config.ts';
import type { EngineInfo } from '../contract/engine-info.ts';
import { openFolder } from '../storage/folder.ts';
import { VERSION } from '../version.ts';
import { findEngines } from '../worker/engines.ts';
import { memoryOfMachine } from '../worker/memory.ts';
import type { WorkerSettings } from '../worker/settings.ts';
import { startWorker } from '../worker/worker.ts';
import type { Service } from './run.ts';

const TRAINER = fileURLToPath(new URL('../trainer/main.js', import.meta.url));
const RETRY_DELAY_MS = 1_000;
const ANNOUNCE_MS = 10_000;

/** Starts a worker on the queue in this Redis, once it answers. Throws QueueUnavailable when it refuses for good, and RedisIsCluster. */
export async function startServiceWorker({ config, log, keep }: Service, redis: RedisAddress): Promise<void> {
  const id = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const blobs = await openFolder(config.dataDir);
  const workerLog = log.child({ worker_id: id });
  workerLog.info({ redis: redis.name, data_dir: config.dataDir }, 'the worker waits for redis');
  const worker = await startWorker(settingsOf(config, redis, id, await findEngines(inheritedEnvironment(), workerLog)), blobs, workerLog);
  keep(() => worker.close());
  workerLog.info('the worker takes jobs');
}

const settingsOf = (config: Config, redis: RedisAddress, id: string, engines: readonly EngineInfo[]): WorkerSettings => ({
  id,
  engines,
  version: VERSION,
  dataDir: config.dataDir,
  dataset: { imdbPath: config.imdbPath, imdbUrl: config.imdbUrl, cacheDir: config.cacheDir },
  queue: {
    redis,
    queueName: config.queueName,
    concurrency: config.workerConcurrency,
    lockDurationMs: config.lockSeconds * 1_000,
    stalledIntervalMs: config.stalledSeconds * 1_000,
    retryDelayMs: RETRY_DELAY_MS,
  },
  trainer: {
    path: TRAINER,
    env: inheritedEnvironment(),
    threads: config.threads,
    graceMs: config.graceSeconds * 1_000,
    silenceMs: config.heartbeatSeconds * 1_000,
  },
  runtime: { defaultSeconds: config.defaultRuntimeSeconds, maxSeconds: config.maxRuntimeSeconds },
  memoryBytes: memoryOfMachine(),
  maxAttempts: config.maxAttempts,
  reconcileMs: config.reconcileSeconds * 1_000,
  announceMs: ANNOUNCE_MS,
});
