import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from '../contract/job.ts';
import { type Client, type History, ServiceUnreachable } from './client.ts';

const HELD_SECONDS = 30;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
const GIVE_UP_MS = 5 * 60_000;

export interface WatchOptions {
  /** How often the job is asked for, to see the steps within an epoch; null: only when its revision changes. */
  readonly stepsEveryMs: number | null;
  /** Told when the service is lost, and when it is found again. */
  readonly say: (sentence: string) => void;
}

/** A job at one moment, with its whole history up to then. */
export interface Sight {
  readonly job: Job;
  readonly history: History;
}

/**
 * Looks at a job until it has ended; the last sight is the end. Outlasts restarts of the service. Throws RequestRefused, and
 * ServiceUnreachable when there is no service at first, or none for five minutes.
 */
export async function* watchJob(client: Client, id: string, { stepsEveryMs, say }: WatchOptions): AsyncGenerator<Sight> {
  let job = await client.get(id);
  let history = await client.history(id);
  yield { job, history };
  while (!job.is_terminal) {
    const { revision } = job;
    const next = await outlast(say, () => (stepsEveryMs === null ? client.getChanged(id, revision, HELD_SECONDS) : client.get(id)));
    if (next === null) continue;
    job = next;
    if (job.revision !== revision) history = await outlast(say, () => client.history(id));
    yield { job, history };
    if (stepsEveryMs !== null) await delay(stepsEveryMs);
  }
}

/** Asks again until the service answers. Throws ServiceUnreachable when it has not for five minutes, and whatever else `ask` throws. */
async function outlast<T>(say: WatchOptions['say'], ask: () => Promise<T>): Promise<T> {
  const since = Date.now();
  for (let retryMs = FIRST_RETRY_MS, lost = false; ; retryMs = Math.min(2 * retryMs, MAX_RETRY_MS)) {
    try {
      const answer = await ask();
      if (lost) say('the service answers again');
      return answer;
    } catch (error) {
      if (!(error instanceof ServiceUnreachable) || Date.now() - since > GIVE_UP_MS) throw error;
      if (!lost) say('the service does not answer: waiting for it');
      lost = true;
      await delay(retryMs);
    }
  }
}
