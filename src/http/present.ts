import { QueueUnavailable } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import { jobOf } from '../runs/job.ts';
import type { Run } from '../runs/run.ts';
import type { Context } from './context.ts';

/** A run as clients see it at this moment. */
export const presentJob = async ({ queue, baseUrl }: Pick<Context, 'queue' | 'baseUrl'>, run: Run): Promise<Job> =>
  jobOf(run, { queuePosition: await positionOf(queue, run), now: new Date(), baseUrl });

/** Reads go on without Redis: then nobody knows the position. */
async function positionOf(queue: Context['queue'], { id, record }: Run): Promise<number | null> {
  if (record.state !== 'queued') return null;
  try {
    return await queue.position(id, record.retries);
  } catch (error) {
    if (error instanceof QueueUnavailable) return null;
    throw error;
  }
}
