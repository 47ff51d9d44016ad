import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { RedisAddress } from '../../scripts/redis-address.mjs';
import { isLoopback, urlOf } from '../config/address.ts';
import { EpochdError } from '../contract/errors.ts';
import { buildApp } from '../http/app.ts';
import { type JobQueue, openQueue } from '../queue/queue.ts';
import { openFolder } from '../storage/folder.ts';
import { VERSION } from '../version.ts';
import { mostConnections } from './open-files.ts';
import type { Service } from './run.ts';

/** Thrown when the address cannot be listened on. */
export class CannotListen extends EpochdError {
  readonly code = 'cannot_listen';
  readonly kind = 'infrastructure';
}

/** Starts the API on the queue in this Redis, and says on standard output where it listens. Throws CannotListen, RedisIsCluster. */
export async function startServiceApi({ config, log, folderLimits, keep }: Service, redis: RedisAddress): Promise<void> {
  const { host, port, dataDir, queueName, publicUrl, defaultRuntimeSeconds: defaultSeconds, maxRuntimeSeconds: maxSeconds } = config;
  const queue = await openQueue({ redis, queueName });
  keep(() => queue.close());
  await checkRedis(queue, redis, log);
  const blobs = await openFolder(dataDir);
  const app = await buildApp({
    blobs,
    queue,
    dataDir,
    folderLimits,
    version: VERSION,
    log,
    loopbackOnly: isLoopback(host),
    allowedHosts: [host, ...(config.allowedHosts ?? [])],
    publicUrl,
    runtime: { defaultSeconds, maxSeconds },
    limits: { connections: mostConnections() },
  });
  keep(() => app.close());
  await app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    const remedy = cause.code === 'EADDRINUSE' ? 'another program listens there; EPOCHD_PORT=0 takes a free port' : cause.message;
    throw new CannotListen(`cannot listen with EPOCHD_HOST=${host} EPOCHD_PORT=${port}: ${remedy}`, { cause });
  });
  const address = urlOf(host, (app.server.address() as AddressInfo).port);
  process.stdout.write(`epochd listens on ${address}${publicUrl === null ? '' : ` (clients find it at ${publicUrl})`}\n`);
}

/** The API answers reads without Redis, so a Redis that is down is no reason not to start. */
async function checkRedis(queue: JobQueue, redis: RedisAddress, log: Logger): Promise<void> {
  try {
    for (const sentence of await queue.warnings()) log.warn(sentence);
  } catch (error) {
    log.error({ redis: redis.name, reason: (error as Error).message }, 'redis does not answer: until it does, no job is taken');
  }
}
