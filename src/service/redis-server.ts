import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RedisConnection } from './redis-connection.ts';
import { type RedisPlace, reachRedis } from './redis-launch.ts';

/*
 *   startRedisServer --> reachRedis --> watch --(connection closed)--> reachRedis --> watch ...
 *                                         `--- stop: SHUTDOWN, wait until the connection closes
 *
 * Redis outlives a service that was killed, and the next one finds it there. Whether it lives is seen at one open connection,
 * so a Redis that was found is watched just as one that was started.
 */

const STOP_MS = 10_000;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

/** The Redis of one data folder, kept running. */
export interface RedisServer {
  /** The path of its socket. */
  readonly socket: string;
  stop(): Promise<void>;
}

/**
 * Starts (or finds) the Redis that keeps its data in `dataDir` and listens in the folder `sockets`; starts it again when it dies.
 * Throws RedisMissing, RedisNotStarted.
 */
export async function startRedisServer(dataDir: string, sockets: string, log: Logger): Promise<RedisServer> {
  const place = { folder: join(dataDir, 'redis'), socket: join(sockets, 'redis.sock') };
  const stopping = new AbortController();
  let connection: RedisConnection | null = await reachRedis(place, log);

  const keepRunning = async (): Promise<void> => {
    while (connection) {
      await connection.closed;
      connection = stopping.signal.aborted ? null : await reachAgain(place, log, stopping.signal);
      if (stopping.signal.aborted) connection?.shutDown();
    }
  };
  const kept = keepRunning();

  return {
    socket: place.socket,
    async stop() {
      stopping.abort();
      connection?.shutDown();
      const ended = await Promise.race([kept.then(() => true), delay(STOP_MS, false, { ref: false })]);
      if (!ended) log.error({ folder: place.folder }, `redis did not end within ${STOP_MS} ms: the next start will find it`);
    },
  };
}

/** Tries until Redis answers; null when it is to stop before that. */
async function reachAgain(place: RedisPlace, log: Logger, stopping: AbortSignal): Promise<RedisConnection | null> {
  log.warn({ folder: place.folder }, 'redis ended: starting it again');
  for (let backoff = FIRST_BACKOFF_MS; !stopping.aborted; backoff = Math.min(2 * backoff, MAX_BACKOFF_MS)) {
    try {
      const connection = await reachRedis(place, log);
      log.info({ folder: place.folder }, 'redis answers again');
      return connection;
    } catch (error) {
      log.error({ err: error, backoff_ms: backoff }, 'redis cannot be started');
      await Promise.race([delay(backoff), once(stopping, 'abort')]);
    }
  }
  return null;
}
