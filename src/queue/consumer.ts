import { type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { QueueUnavailable } from '../contract/errors.ts';
import { connectForWorker } from './connection.ts';
import { type Payload, PREFIX, type QueueSettings } from './entry.ts';
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

/** Handles the entry of run `id`. `lockLost` aborts when the entry may be with another worker. What it throws is tried again after a pause. */
export type Handle = (id: string, lockLost: AbortSignal) => Promise<Verdict>;

export interface Consumer {
  /** Says for `ttlMs` that this worker is alive. */
  announce(info: WorkerInfo, ttlMs: number): Promise<void>;
  /** Takes no more entries and resolves when those in work are handled; gives up on Redis after `patienceMs`. */
  close(workerId: string, patienceMs: number): Promise<void>;
}

/** The record bounds the attempts of a run; in the queue a lost worker never fails an entry. */
const MAX_STALLED_COUNT = Number.MAX_SAFE_INTEGER;

/** A run that is given back wakes no idle worker: they look by themselves this often. */
const DRAIN_DELAY_SECONDS = 1;

/** Takes entries from the queue as soon as Redis answers. Throws QueueUnavailable when it answers with a refusal, as to a wrong password. */
export async function consume(settings: ConsumerSettings, handle: Handle, log: Logger): Promise<Consumer> {
  const client = connectForWorker(settings.redisUrl);
  // BullMQ looks at the number of parameters: fewer than three plain ones, and it gives no signal.
  const processor = async (job: Job<Payload>, token: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
    if (!token || !signal) throw new Error('BullMQ gave the processor no token or no signal');
    const verdict = await handle(job.data.id, signal);
    if (verdict === 'done' && !signal.aborted) return;
    if (verdict === 'give_back' && !signal.aborted) await job.moveToWait(token);
    throw new WaitingError();
  };
  await client.ping().catch((cause: Error) => {
    client.disconnect();
    throw new QueueUnavailable(`Redis refuses this worker: ${cause.message}`, { cause });
  });
  const worker = new Worker<Payload>(settings.queueName, processor, {
    connection: client,
    prefix: PREFIX,
    concurrency: settings.concurrency,
    lockDuration: settings.lockDurationMs,
    stalledInterval: settings.stalledIntervalMs,
    maxStalledCount: MAX_STALLED_COUNT,
    drainDelay: DRAIN_DELAY_SECONDS,
    settings: { backoffStrategy: (attempts) => settings.retryDelayMs * 2 ** Math.min(attempts - 1, 6) },
  });
  worker.on('lockRenewalFailed', (entries) => {
    for (const entry of entries) worker.cancelJob(entry, 'the lock was lost');
  });
  worker.on('stalled', (entry) => log.warn({ entry }, 'a worker was lost: its run goes to another one'));
  worker.on('failed', (job, error) => log.warn({ job_id: job?.data.id, err: error }, 'the run is tried again after a pause'));
  worker.on('error', (error) => log.warn({ err: error }, 'the queue reports an error'));
  return {
    announce: (info, ttlMs) => announceWorker(client, settings.queueName, info, ttlMs),
    close: (workerId, patienceMs) => close(worker, client, () => withdrawWorker(client, settings.queueName, workerId), patienceMs),
  };
}

/** Without Redis, BullMQ would wait for ever to say goodbye. */
async function close(worker: Worker, client: Redis, withdraw: () => Promise<void>, patienceMs: number): Promise<void> {
  const goodbye = worker.close().then(withdraw);
  const timer = setTimeout(() => {
    client.disconnect();
    worker.disconnect().catch(() => undefined);
  }, patienceMs);
  try {
    await goodbye;
  } catch (error) {
    if (client.status !== 'end') throw error;
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}
