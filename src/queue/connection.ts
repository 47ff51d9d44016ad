import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from '../../scripts/redis-address.mjs';
import { reasonOf } from './reason.ts';

/** Answers within this time, or QueueUnavailable. */
const COMMAND_TIMEOUT_MS = 1500;
/** A connection on which nothing comes back is given up: behind its address another server may stand by now. */
const SILENCE_FOR_REQUESTS_MS = 3_000;
/** Above what a blocking command waits, 10 s. */
const SILENCE_FOR_WORKER_MS = 15_000;
/** How long a closed connection may take to say goodbye. */
const DISCONNECT_MS = 500;

export type RedisClient = Redis | Cluster;

type Settings = Omit<RedisOptions, 'replyMapping'>;

export interface Connection {
  readonly client: RedisClient;
  /** Why it does not stand, or null. */
  fault(): string | null;
}

/** For whoever waits for an answer, such as a request: a Redis that is down or frozen is an error soon. */
export const connectForRequests = (address: RedisAddress): Connection =>
  connect(address, {
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_FOR_REQUESTS_MS,
  });

/** For workers: commands wait until Redis is back, however long that takes. BullMQ requires it of them. */
export const connectForWorker = (address: RedisAddress): Connection =>
  connect(address, { maxRetriesPerRequest: null, socketTimeout: SILENCE_FOR_WORKER_MS });

/** True once the connection stands; false when it does not within the time that a command may take. */
export function isReadySoon(client: RedisClient): Promise<boolean> {
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

function connect(address: RedisAddress, settings: Settings): Connection {
  const client = clientOf(address, {
    ...settings,
    ...(address.username === null ? {} : { username: address.username }),
    ...(address.username === null && address.password === null ? {} : { password: address.password ?? '' }),
    ...(address.tls ? { tls: {} } : {}),
    family: address.family,
    disconnectTimeout: DISCONNECT_MS,
    retryStrategy,
    reconnectOnError: saysWrongServer,
  });
  let fault: string | null = null;
  // Without a listener ioredis prints errors to the console. Each of them also rejects the commands that it keeps from succeeding.
  for (const event of ['error', 'sentinelError', 'node error']) {
    client.on(event, (error: Error) => {
      fault = reasonOf(error);
    });
  }
  client.on('ready', () => {
    fault = null;
  });
  return { client, fault: () => fault };
}

function clientOf(address: RedisAddress, options: Settings): RedisClient {
  const { mode, nodes, path, primary, db, sentinelUsername, sentinelPassword, tls } = address;
  if (mode === 'cluster') {
    return endable(
      new Cluster([...nodes], { redisOptions: options, clusterRetryStrategy: retryStrategy, slotsRefreshTimeout: COMMAND_TIMEOUT_MS }),
    );
  }
  if (mode === 'server') return endable(new Redis({ ...options, db, ...(path === null ? nodes[0] : { path }) }));
  return endable(
    new Redis({
      ...options,
      db,
      name: primary ?? '',
      sentinels: [...nodes],
      sentinelRetryStrategy: retryStrategy,
      sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
      // A primary that was cut off, not killed, still holds its connections.
      failoverDetector: true,
      enableTLSForSentinelMode: tls,
      ...(tls ? { sentinelTLS: {} } : {}),
      ...(sentinelUsername === null ? {} : { sentinelUsername }),
      ...(sentinelPassword === null ? {} : { sentinelPassword }),
    }),
  );
}

const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 2000);

/**
 * Where a failover moves an address or a name, open connections stay with the old server, which now refuses: only a new connection
 * gets to the right one. In scripts the word stands within the message.
 */
const saysWrongServer = ({ message }: Error): boolean =>
  /\b(READONLY|MASTERDOWN|LOADING|UNBLOCKED|MOVED|CLUSTERDOWN|NOREPLICAS)\b/.test(message);

/** Mends what ioredis 6.0 leaves undone, in a connection and in what BullMQ duplicates of it. */
function endable<C extends RedisClient>(client: C): C {
  const disconnect = client.disconnect.bind(client);
  // It never ends a connection that is told to disconnect while it waits to connect again: commands in its queue are answered
  // neither way, and whoever waits for "end" (BullMQ, on closing) waits for ever. In the status "wait" it does end.
  client.disconnect = (reconnect = false) => {
    if (client.status === 'reconnecting' && !reconnect) client.status = 'wait';
    disconnect(reconnect);
  };
  if (client instanceof Redis) {
    refuseOtherDatabase(client);
    doWithoutInfo(client);
  }
  const duplicate = client.duplicate.bind(client) as (...args: unknown[]) => C;
  client.duplicate = ((...args: unknown[]) => endable(duplicate(...args))) as C['duplicate'];
  client.on('error', () => undefined);
  return client;
}

/** It works on in database 0 when Redis refuses the one that was asked for: then the connection must not stand at all. */
function refuseOtherDatabase(client: Redis): void {
  const handled = new WeakSet<Error>();
  client.on('error', (error: Error & { command?: { name: string } }) => {
    if (error.command?.name !== 'select' || handled.has(error)) return;
    handled.add(error);
    client.recoverFromFatalError(error, error, {});
  });
}

/** It asks INFO whether Redis still loads its data, and writes to the console where INFO is not permitted. */
function doWithoutInfo(client: Redis): void {
  const info = client.info.bind<Redis, [], [], Promise<string>>(client);
  client.info = ((callback?: (error: Error | null, text?: string) => void) => {
    const text = info().catch((error: Error) => {
      if (error.message.includes('NOPERM')) return '';
      throw error;
    });
    if (callback)
      text.then(
        (found) => setImmediate(callback, null, found),
        (error: Error) => setImmediate(callback, error),
      );
    return text;
  }) as Redis['info'];
}
