import { EpochdError } from '../contract/errors.ts';
import { holdDataFolder } from './data-lock.ts';
import { startRedisServer } from './redis-server.ts';
import type { Service } from './run-service.ts';
import { socketFolder } from './socket-folder.ts';

/** Thrown when a command that brings no Redis of its own is told of none. */
export class RedisUrlMissing extends EpochdError {
  readonly code = 'redis_url_missing';
  readonly kind = 'user';
  constructor() {
    super('expected REDIS_URL, such as redis://127.0.0.1:6379: only "epochd serve" brings a Redis of its own');
  }
}

/** The URL of the Redis that others keep. Throws RedisUrlMissing. */
export function requireRedis({ config }: Service): string {
  if (config.redisUrl === null) throw new RedisUrlMissing();
  return config.redisUrl;
}

/**
 * Takes the data folder for this process; gives the URL of the configured Redis, else of one started in that folder.
 * Throws DataFolderTaken, RedisMissing, RedisNotStarted.
 */
export async function provideRedis({ config, log, keep }: Service): Promise<string> {
  const sockets = await socketFolder(config.dataDir);
  keep(await holdDataFolder(config.dataDir, sockets));
  if (config.redisUrl !== null) return config.redisUrl;
  const redis = await startRedisServer(config.dataDir, sockets, log);
  keep(() => redis.stop());
  return redis.url;
}
