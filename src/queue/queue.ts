import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { EpochdError, QueueUnavailable } from '../contract/errors.ts';
import { connectForRequests, isReadySoon } from './connection.ts';
import { entryKey, type Payload, PREFIX, type QueueEntry, type QueueSettings } from './entry.ts';
import { assertRoom, readWarnings } from './redis-server.ts';
import { listWorkers, type WorkerInfo } from './workers.ts';

export interface QueueDepth {
  readonly waiting: number;
  /** Waiting until a failure may have passed. */
  readonly delayed: number;
  readonly running: number;
}

/** Which run to look at next. Every method answers within about 1.5 s or throws QueueUnavailable. */
export interface JobQueue {
  /** Does nothing when the entry is there: choose the id first, and a call that timed out can be repeated. */
  add(id: string, priority: number, retries: number): Promise<void>;
  /** Does nothing when the entry is not there or a worker holds it. */
  remove(id: string, retries: number): Promise<void>;
  /** From 1; null when the entry does not wait for a worker. */
  position(id: string, retries: number): Promise<number | null>;
  /** Those that have no entry, waiting or running. */
  missing<E extends QueueEntry>(entries: readonly E[]): Promise<E[]>;
  depth(): Promise<QueueDepth>;
  /** Workers that were heard of lately. */
  workers(): Promise<WorkerInfo[]>;
  ping(): Promise<void>;
  /** What about the Redis server's settings would lose jobs, in sentences. */
  warnings(): Promise<string[]>;
  close(): Promise<void>;
}

/** An entry never fails for good in the queue: the run's record says when to give up. Nothing of it stays. */
const ENTRY = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'custom' },
  stackTraceLimit: 1,
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/** Waits shortly for Redis and resolves in any case: until it answers, every call throws QueueUnavailable. */
export async function openQueue({ redisUrl, queueName }: QueueSettings): Promise<JobQueue> {
  const client = connectForRequests(redisUrl);
  // skipVersionCheck: otherwise BullMQ asks for the version once and is of no use for ever when that one command times out.
  const queue = new Queue<Payload>(queueName, { connection: client, prefix: PREFIX, skipVersionCheck: true, skipMetasUpdate: true });
  queue.on('error', () => undefined);
  const ask = asking(client);
  await isReadySoon(client);
  return {
    add: (id, priority, retries) =>
      ask(async () => {
        await assertRoom(client);
        await queue.add('train', { id }, { ...ENTRY, jobId: entryKey({ id, retries }), priority });
      }),
    remove: (id, retries) => ask(async () => void (await queue.remove(entryKey({ id, retries })))),
    position: (id, retries) => ask(() => findPosition(client, queue, entryKey({ id, retries }))),
    missing: (entries) =>
      ask(async () => {
        const found = await Promise.all(entries.map((entry) => client.exists(queue.toKey(entryKey(entry)))));
        return entries.filter((_, index) => found[index] === 0);
      }),
    depth: () => ask(() => countEntries(queue)),
    workers: () => ask(() => listWorkers(client, queueName)),
    ping: () => ask(async () => void (await client.ping())),
    warnings: () => ask(() => readWarnings(client)),
    close: async () => {
      await queue.close();
      client.disconnect();
    },
  };
}

/** Gives whatever Redis refuses its name, and does not even ask while there is no connection. */
function asking(client: Redis) {
  let fault = '';
  client.on('error', ({ message }) => {
    fault = ` (${message})`;
  });
  return async <T>(question: () => Promise<T>): Promise<T> => {
    if (client.status !== 'ready') throw new QueueUnavailable(`Redis does not answer: its connection is ${client.status}${fault}`);
    try {
      return await question();
    } catch (cause) {
      if (cause instanceof EpochdError) throw cause;
      throw new QueueUnavailable(`Redis did not do what was asked: ${(cause as Error).message}`, { cause });
    }
  };
}

async function countEntries(queue: Queue): Promise<QueueDepth> {
  const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active');
  return { waiting: wait + prioritized, delayed, running: active };
}

/** Workers first take from the right end of `wait` (runs whose worker was lost), then from `prioritized`. */
async function findPosition(client: Redis, queue: Queue, entry: string): Promise<number | null> {
  const [ahead, lost, rank] = await Promise.all([
    client.llen(queue.toKey('wait')),
    client.lpos(queue.toKey('wait'), entry),
    client.zrank(queue.toKey('prioritized'), entry),
  ]);
  if (lost !== null) return ahead - lost;
  return rank === null ? null : ahead + rank + 1;
}
