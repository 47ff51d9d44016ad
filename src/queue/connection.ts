import { Redis, type RedisOptions } from 'ioredis';

/** Answers within this time, or QueueUnavailable. */
const COMMAND_TIMEOUT_MS = 1500;

/** For whoever waits for an answer, such as a request: a Redis that is down or frozen is an error soon. */
export const connectForRequests = (redisUrl: string): Redis =>
  connect(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS, connectTimeout: COMMAND_TIMEOUT_MS });

/** For workers: commands wait until Redis is back, however long that takes. BullMQ requires it of them. */
export const connectForWorker = (redisUrl: string): Redis => connect(redisUrl, { maxRetriesPerRequest: null });

/** True once the connection stands; false when it does not within the time that a command may take. */
export function isReadySoon(client: Redis): Promise<boolean> {
  if (client.status === 'ready') return Promise.resolve(true);
  return new Promise((resolve) => {
    const onReady = (): void => settle(true);
    const timer = setTimeout(() => settle(false), COMMAND_TIMEOUT_MS);
    const settle = (ready: boolean): void => {
      clearTimeout(timer);
      client.off('ready', onReady);
      resolve(ready);
    };
    client.once('ready', onReady);
  });
}

function connect(redisUrl: string, settings: Pick<RedisOptions, 'maxRetriesPerRequest' | 'commandTimeout' | 'connectTimeout'>): Redis {
  const client = new Redis(target(redisUrl), {
    ...settings,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
  });
  // Without a listener ioredis prints errors to the console. Each of them also rejects the commands that it keeps from succeeding.
  client.on('error', () => undefined);
  return client;
}

/** ioredis knows redis:// and rediss:// and takes the path of a unix socket bare. */
const target = (redisUrl: string): string => (redisUrl.startsWith('unix://') ? redisUrl.slice('unix://'.length) : redisUrl);
