import { type Job, WaitingError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { EpochdError } from '../contract/errors.ts';
import { brake } from './brake.ts';
import { connectForWorker, type RedisClient } from './connection.ts';
import { idOf, type Payload, PREFIX, type QueueSettings, retriesOf } from './entry.ts';
import { keepLocks } from './locks.ts';
import { openPauses, type Pauses } from './pauses.ts';
import { untilItStands } from './reach.ts';
import { announceWorker, type WorkerInfo, withdrawWorker } from './workers.ts';

export interface ConsumerSettings extends QueueSettings {
  readonly concurrency: number;
  /** An entry whose worker does not renew its lock for this long goes to another worker. */
  readonly lockDurationMs: number;
  /** How often lost entries are looked for. */
  readonly stalledIntervalMs: number;
  /** Pause after the first failure; doubles with each further one, up to 64 times this. */
  readonly retryDelayMs: number;
}

/** `give_back`: another worker shall go on with it, now. `not_mine`: another worker already has it. */
export type Verdict = 'done' | 'give_back' | 'not_mine';

/** What an entry says beside its run's id. */
export interface Taken {
  /** The identity of the data folder that the run is in, where the entry says it. */
  readonly folder: string | undefined;
  /** Which retry of the run put it there. */
  readonly retries: number;
  /** How often this entry was tried in vain. */
  readonly tries: number;
}

/** Handles the entry of run `id`. `lockLost` aborts when the entry may be with another worker. What it throws is tried again after a pause. */
export type Handle = (id: string, lockLost: AbortSignal, taken: Taken) => Promise<Verdict>;

export interface Consumer {
  /** Says for `ttlMs` that this worker is alive. */
  announce(info: WorkerInfo, ttlMs: number): Promise<void>;
  /** Takes no more entries until `resume`; those in work go on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Takes no more entries and resolves when those in work are handled; gives up on Redis `patienceMs` after that. */
  close(workerId: string, patienceMs: number): Promise<void>;
}

/** The record bounds the attempts of a run; in the queue a lost worker never fails an entry. */
const MAX_STALLED_COUNT = Number.MAX_SAFE_INTEGER;

/** A run that is given back wakes no idle worker: they look by themselves this often. */
const DRAIN_DELAY_SECONDS = 1;

/** At most this often twice the first pause. */
const DOUBLINGS = 6;

type Processor = (job: Job<Payload>, token: string | undefined, signal: AbortSignal | undefined) => Promise<void>;

/**
 * Takes entries from the queue as soon as Redis answers. Throws QueueUnavailable when it answers with a refusal that no waiting mends,
 * as to a wrong password, and RedisIsCluster.
 */
export async function consume(settings: ConsumerSettings, handle: Handle, log: Logger): Promise<Consumer> {
  const client = await connected(settings, log);
  const inWork = new Set<Promise<Verdict>>();
  // BullMQ looks at the number of parameters: fewer than three plain ones, and it gives no signal.
  const processor: Processor = async (job, token, signal) => {
    if (!token || !signal || !job.id) throw new Error('BullMQ gave the processor no token, no signal or no key');
    const handled = handle(idOf(job.id), signal, { folder: job.data.folder, retries: retriesOf(job.id), tries: job.attemptsMade });
    inWork.add(handled);
    locks.hold(job.id, token);
    try {
      await settle(await outcomeOf(handled, job, log), { job, token, signal, pauses, retryDelayMs: settings.retryDelayMs });
    } finally {
      locks.release(job.id);
      inWork.delete(handled);
    }
  };
  const worker = openWorker(settings, processor, client);
  const gate = gateOf(worker);
  const held = brake(gate, client, settings.redis.name, log);
  const locks = keepLocks(worker, settings.lockDurationMs, held.refused, log);
  const pauses = openPauses(worker, client, held.isOn, held.refused);
  worker.on('stalled', (entry) => log.warn({ entry }, 'a worker was lost: its run goes to another one'));
  worker.on('error', held.refused);
  return {
    announce: (info, ttlMs) => announceWorker(client, settings.queueName, info, ttlMs).catch(held.refused),
    pause: gate.shut,
    resume: () => gate.open(held.isOn()),
    async close(workerId, patienceMs) {
      pauses.stop();
      const goodbye = worker.close().then(() => withdrawWorker(client, settings.queueName, workerId));
      await Promise.allSettled(inWork);
      held.release();
      await inTime(goodbye, patienceMs, () => leave(worker, client));
      locks.stop();
      client.disconnect();
    },
  };
}

async function connected({ redis }: ConsumerSettings, log: Logger): Promise<RedisClient> {
  const connection = connectForWorker(redis);
  await untilItStands(connection, redis, log).catch((error: unknown) => {
    connection.client.disconnect();
    throw error;
  });
  return connection.client;
}

/** A worker that two may hold up: the brake by `pause` and `resume`, and whoever shuts the gate, who comes first. */
function gateOf(worker: Worker) {
  let isShut = false;
  return {
    pause: () => worker.pause(true),
    resume: async (): Promise<void> => {
      if (!isShut) await worker.resume();
    },
    shut: (): Promise<void> => {
      isShut = true;
      return worker.pause(true);
    },
    /** While the brake is on, it is the brake that resumes. */
    open: async (isBraked: boolean): Promise<void> => {
      isShut = false;
      if (!isBraked) await worker.resume();
    },
  };
}

function openWorker(settings: ConsumerSettings, processor: Processor, client: RedisClient): Worker<Payload> {
  const worker = new Worker<Payload>(settings.queueName, processor, {
    connection: client,
    prefix: PREFIX,
    concurrency: settings.concurrency,
    lockDuration: settings.lockDurationMs,
    skipLockRenewal: true,
    stalledInterval: settings.stalledIntervalMs,
    maxStalledCount: MAX_STALLED_COUNT,
    drainDelay: DRAIN_DELAY_SECONDS,
    // It would ask INFO, which many servers permit to nobody, and be of no use for ever without the answer.
    skipVersionCheck: true,
  });
  // With an entry that pauses BullMQ would look only after 10 s.
  Object.defineProperty(worker.getBackend(), 'maximumBlockTimeout', { value: DRAIN_DELAY_SECONDS });
  return worker;
}

interface Held {
  readonly job: Job<Payload>;
  readonly token: string;
  /** Aborts when the lock is lost. */
  readonly signal: AbortSignal;
  readonly pauses: Pauses;
  readonly retryDelayMs: number;
}

/** Why a try failed, behind its code. It is kept with the entry, for those who ask why a run waits. */
interface Failure {
  readonly reason: string;
}

const outcomeOf = (handled: Promise<Verdict>, job: Job<Payload>, log: Logger): Promise<Verdict | Failure> =>
  handled.catch((error: unknown) => {
    log.warn({ job_id: job.data.id, err: error }, 'the run is tried again after a pause');
    return { reason: error instanceof EpochdError ? `${error.code}: ${error.message}` : String(error) };
  });

/** Says in the queue what became of an entry. What it throws tells BullMQ to leave the entry alone. */
async function settle(outcome: Verdict | Failure, { job, token, signal, pauses, retryDelayMs }: Held): Promise<void> {
  if (!signal.aborted && outcome === 'done') return;
  if (!signal.aborted && typeof outcome === 'object') {
    await pauses.begin(job, token, outcome.reason, retryDelayMs * 2 ** Math.min(job.attemptsMade, DOUBLINGS));
  }
  if (!signal.aborted && outcome === 'give_back') await job.moveToWait(token);
  throw new WaitingError();
}

/** Without Redis, BullMQ would wait for ever to say goodbye. */
async function inTime(goodbye: Promise<void>, patienceMs: number, giveUp: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      giveUp();
      resolve();
    }, patienceMs);
  });
  // What Redis does not hear any more it finds out: locks and announcements expire.
  await Promise.race([goodbye.catch(() => undefined), late]);
  clearTimeout(timer);
}

function leave(worker: Worker, client: RedisClient): void {
  client.disconnect();
  worker.disconnect().catch(() => undefined);
}
