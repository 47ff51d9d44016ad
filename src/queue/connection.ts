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
  const client = endable(
    new Redis(target(redisUrl), { ...settings, retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000) }),
  );
  // BullMQ makes its blocking connection of this one.
  const duplicate: Redis['duplicate'] = client.duplicate.bind(client);
  client.duplicate = (override) => endable(duplicate(override));
  // Without a listener ioredis prints errors to the console. Each of them also rejects the commands that it keeps from succeeding.
  client.on('error', () => undefined);
  return client;
}

/**
 * ioredis 6.0 never ends a connection that is told to disconnect while it waits to connect again: commands in its queue are
 * answered neither way, and whoever waits for "end" (BullMQ, on closing) waits for ever. In the status "wait" it does end.
 */
function endable<C extends Pick<Redis, 'status' | 'disconnect'>>(client: C): C {
  const disconnect = client.disconnect.bind(client);
  client.disconnect = (reconnect = false) => {
    if (client.status === 'reconnecting' && !reconnect) client.status = 'wait';
    disconnect(reconnect);
  };
  return client;
}

/** ioredis knows redis:// and rediss:// and takes the path of a unix socket bare. */
const target = (redisUrl: string): string => (redisUrl.startsWith('unix://') ? redisUrl.slice('unix://'.length) : redisUrl);
