import type { RedisAddress } from '../../scripts/redis-address.mjs';

/** A run's place in the queue. Each retry of a run has an entry of its own, so that it never meets the one before it on its way out. */
export interface QueueEntry {
  readonly id: string;
  readonly retries: number;
}

/** What lies in Redis: which run, and in which data folder. Everything about the run is in its directory. */
export interface Payload {
  /** For workers of version 0.1.0; the key says it too, and cannot be lost. */
  readonly id: string;
  /** The identity of the folder; entries of version 0.1.0 have none. */
  readonly folder?: string;
}

/** Two services on one Redis differ in `queueName`. */
export interface QueueSettings {
  readonly redis: RedisAddress;
  readonly queueName: string;
}

/** In braces: a Redis Cluster keeps all keys with it in one slot, as scripts need it. */
export const PREFIX = '{epochd}';

export const entryKey = ({ id, retries }: QueueEntry): string => `${id}.${retries}`;

/** Which run an entry is of: what lies in Redis may be lost without its key. */
export const idOf = (key: string): string => key.slice(0, key.lastIndexOf('.'));

/** Which retry of its run an entry belongs to. */
export const retriesOf = (key: string): number => Number(key.slice(key.lastIndexOf('.') + 1));
