import { Queue } from 'bullmq';
import { EpochdError, QueueUnavailable } from '../contract/errors.ts';
import type { Progress } from '../contract/progress.ts';
import { type Connection, connectForRequests, isReadySoon, type RedisClient } from './connection.ts';
import { entryKey, type Payload, PREFIX, type QueueEntry, type QueueSettings } from './entry.ts';
import { folderKey, readFolder, registerFolder } from './folder.ts';
import { findMissing } from './places.ts';
import { openProbe } from './probe.ts';
import { publishProgress, readProgress } from './progress.ts';
import { refuseCluster } from './reach.ts';
import { reasonOf } from './reason.ts';
import { assertRoom, readWarnings } from './redis-server.ts';
import { listWorkers, type WorkerInfo } from './workers.ts';

export interface QueueDepth {
  readonly waiting: number;
  /** Waiting until a failure may have passed. */
  readonly delayed: number;
  readonly running: number;
}

/** Which run to look at next. Every method answers soon or throws QueueUnavailable; `missing` takes its time, a batch after the other. */
export interface JobQueue {
  /** Does nothing when the entry is there: choose the id first, and a call that timed out can be repeated. */
  add(id: string, priority: number, retries: number, folder?: string): Promise<void>;
  /** Does nothing when the entry is not there or a worker holds it. */
  remove(id: string, retries: number): Promise<void>;
  /** From 1; null when the entry does not wait for a worker. */
  position(id: string, retries: number): Promise<number | null>;
  /** Why the last try at an entry that is there failed, as the worker said it; null when none did. */
  failure(id: string, retries: number): Promise<string | null>;
  readonly folderKey: string;
  /** The identity of the data folder that the queue belongs to; null while nobody has registered one. */
  folder(): Promise<string | null>;
  /** Registers one, unless there is one; gives the one that is registered. */
  registerFolder(id: string): Promise<string>;
  /** Shows for a while how far a run's trainer is. */
  publishProgress(id: string, progress: Progress): Promise<void>;
  /** How far the trainers of these runs are, as far as it was heard of lately. Nobody waits for it: it answers in less than half a second. */
  progress(ids: readonly string[]): Promise<(Progress | null)[]>;
  /** Those that no worker holds or will be given. To mend one, remove it and add it anew: what is left of it would keep `add` from its work. */
  missing<E extends QueueEntry>(entries: readonly E[]): Promise<E[]>;
  depth(): Promise<QueueDepth>;
  /** Workers that were heard of lately. */
  workers(): Promise<WorkerInfo[]>;
  /** Whether `add` would succeed now: tries the same, and leaves nothing behind. */
  tryAdd(): Promise<void>;
  /** What about the Redis server's settings would lose jobs, in sentences. */
  warnings(): Promise<string[]>;
  close(): Promise<void>;
}

/** An entry never fails for good in the queue: the run's record says when to give up. Nothing of it stays. */
const ENTRY = {
  attempts: Number.MAX_SAFE_INTEGER,
  // Only for when Redis refuses the pause that a worker asks for.
  backoff: 1000,
  stackTraceLimit: 1,
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/**
 * Waits shortly for Redis and resolves also without it: until it answers, every call throws QueueUnavailable. Throws RedisIsCluster when
 * it answers.
 */
export async function openQueue({ redis, queueName }: QueueSettings): Promise<JobQueue> {
  const connection = connectForRequests(redis);
  const { client } = connection;
  // skipVersionCheck: otherwise BullMQ asks for the version once and is of no use for ever when that one command times out.
  const queue = new Queue<Payload>(queueName, { connection: client, prefix: PREFIX, skipVersionCheck: true, skipMetasUpdate: true });
  queue.on('error', () => undefined);
  const ask = asking(connection);
  const probe = openProbe(queueName, client);
  if (await isReadySoon(client)) await refuseCluster(connection, redis).catch((error: unknown) => leave(client, error));
  return {
    add: (id, priority, retries, folder) =>
      ask(async () => {
        await assertRoom(client);
        await queue.add('train', folder === undefined ? { id } : { id, folder }, { ...ENTRY, jobId: entryKey({ id, retries }), priority });
      }),
    remove: (id, retries) => ask(async () => void (await queue.remove(entryKey({ id, retries })))),
    position: (id, retries) => ask(() => findPosition(client, queue, entryKey({ id, retries }))),
    failure: (id, retries) => ask(() => client.hget(queue.toKey(entryKey({ id, retries })), 'failedReason')),
    ...folderOf(client, queueName, ask),
    publishProgress: (id, progress) => ask(() => publishProgress(client, queueName, id, progress)),
    progress: (ids) => ask(() => readProgress(client, queueName, ids), PROGRESS_ANSWER_MS),
    missing: (entries) => findMissing({ client, toKey: (name) => queue.toKey(name), ask }, entries),
    depth: () => ask(() => countEntries(queue)),
    workers: () => ask(() => listWorkers(client, queueName)),
    tryAdd: () =>
      ask(async () => {
        await assertRoom(client);
        await probe();
      }),
    warnings: () => ask(() => readWarnings(client)),
    close: async () => {
      await queue.close();
      client.disconnect();
    },
  };
}

const folderOf = (
  client: RedisClient,
  queueName: string,
  ask: ReturnType<typeof asking>,
): Pick<JobQueue, 'folderKey' | 'folder' | 'registerFolder'> => ({
  folderKey: folderKey(queueName),
  folder: () => ask(() => readFolder(client, queueName)),
  registerFolder: (id) => ask(() => registerFolder(client, queueName, id)),
});

function leave(client: RedisClient, error: unknown): never {
  client.disconnect();
  throw error;
}

/** Above what one command may take: several follow each other, and a Cluster asks again by itself. */
const ANSWER_MS = 2_500;

/** Progress is shown beside what matters, such as that a cancel was accepted: that does not wait for it. */
const PROGRESS_ANSWER_MS = 300;

/** Gives whatever Redis refuses its name, and does not even ask while there is no connection. */
function asking({ client, fault }: Connection) {
  return async <T>(question: () => Promise<T>, withinMs = ANSWER_MS): Promise<T> => {
    if (client.status !== 'ready') {
      const reason = fault();
      throw new QueueUnavailable(`Redis does not answer: its connection is ${client.status}${reason === null ? '' : ` (${reason})`}`);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs);
    });
    try {
      return await Promise.race([question(), late]);
    } catch (cause) {
      if (cause instanceof EpochdError) throw cause;
      throw new QueueUnavailable(`Redis did not do what was asked: ${reasonOf(cause as Error)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}

async function countEntries(queue: Queue): Promise<QueueDepth> {
  const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active');
  return { waiting: wait + prioritized, delayed, running: active };
}

/** Workers first take from the right end of `wait` (runs whose worker was lost), then from `prioritized`. */
async function findPosition(client: RedisClient, queue: Queue, entry: string): Promise<number | null> {
  const [ahead, lost, rank] = await Promise.all([
    client.llen(queue.toKey('wait')),
    client.lpos(queue.toKey('wait'), entry),
    client.zrank(queue.toKey('prioritized'), entry),
  ]);
  if (lost !== null) return ahead - lost;
  return rank === null ? null : ahead + rank + 1;
}
