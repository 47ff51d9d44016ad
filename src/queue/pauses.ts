import { DelayedError, type Job, type Worker } from 'bullmq';
import type { RedisClient } from './connection.ts';

/*
 * How an entry waits until a failure may have passed: in BullMQ's set of delayed entries, but by the clock of the Redis server.
 * BullMQ itself writes and reads that set by the clocks of the workers, and one of them that is set wrong would end a pause at once
 * or never. So the times in it are ones that no worker has reached, FAR ahead, and workers ask the server which pauses are over.
 */

const FAR_MS = 400 * 24 * 3_600_000;
const LOOK_MS = 500;
/** The lower bits of a score count the entries of a millisecond. */
const SCORES_PER_MS = 4096;

const NOW = `local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)`;
const CLOCK = `${NOW} return now`;
const DUE = `${NOW} return redis.call('ZRANGEBYSCORE', KEYS[1], 0, (now + ARGV[1]) * ${SCORES_PER_MS}, 'LIMIT', 0, 100)`;

export interface Pauses {
  /** Gives the entry back for after a pause. Never returns: BullMQ is told by an error. */
  begin(job: Job, token: string, failedReason: string, pauseMs: number): Promise<never>;
  stop(): void;
}

/** Begins pauses, and ends those that are over, whoever began them. `onError` hears what Redis refuses. */
export function openPauses(worker: Worker, client: RedisClient, isHeldUp: () => boolean, onError: (error: Error) => void): Pauses {
  const key = worker.toKey('delayed');
  let looking = false;
  let stopped = false;
  const look = async (): Promise<void> => {
    if (looking || stopped || isHeldUp() || client.status !== 'ready') return;
    looking = true;
    try {
      const due = (await client.eval(DUE, 1, key, FAR_MS)) as string[];
      // Another worker may be faster.
      for (const entry of due) await worker.getBackend().promote(entry).catch(ignoreMissing);
    } catch (error) {
      onError(error as Error);
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    async begin(job, token, failedReason, pauseMs) {
      const now = Number(await client.eval(CLOCK, 1, key));
      await worker.getBackend().moveToDelayed(job.id ?? '', now + FAR_MS, pauseMs, token, { fieldsToUpdate: { failedReason } });
      setTimeout(() => void look(), pauseMs + 1).unref();
      throw new DelayedError();
    },
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

/** BullMQ gives a number for an entry that is not where it should be. */
function ignoreMissing(error: Error & { code?: number }): void {
  if (typeof error.code !== 'number') throw error;
}
