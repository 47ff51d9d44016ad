import { type RedisAddress, socketAddress } from '../../scripts/redis-address.mjs';
import { EpochdError } from '../contract/errors.ts';
import { holdDataFolder } from './data-lock.ts';
import { startRedisServer } from './redis-server.ts';
import type { Service } from './run.ts';
import { socketFolder } from './socket-folder.ts';

/** Thrown when a command that brings no Redis of its own is told of none. */
export class RedisUrlMissing extends EpochdError {
  readonly code = 'redis_url_missing';
  readonly kind = 'user';
  constructor() {
    super('expected REDIS_URL, such as redis://127.0.0.1:6379: only "epochd serve" brings a Redis of its own');
  }
}

/** The Redis that others keep. Throws RedisUrlMissing. */
export function requireRedis({ config }: Service): RedisAddress {
  if (config.redis === null) throw new RedisUrlMissing();
  return config.redis;
}

/**
 * Takes the data folder for this process; gives the address of the configured Redis, else of one started in that folder.
 * Throws DataFolderTaken, RedisMissing, RedisNotStarted.
 */
export async function provideRedis({ config, log, keep }: Service): Promise<RedisAddress> {
  const sockets = await socketFolder(config.dataDir);
  keep(await holdDataFolder(config.dataDir, sockets));
  if (config.redis !== null) return config.redis;
  const redis = await startRedisServer(config.dataDir, sockets, log);
  keep(() => redis.stop());
  return socketAddress(redis.socket);
}
