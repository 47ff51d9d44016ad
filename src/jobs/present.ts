import { QueueUnavailable } from '../contract/errors.ts';
import type { Job, JobError } from '../contract/job.ts';
import type { DamagedRun, Run } from '../runs/run.ts';
import type { Jobs } from './context.ts';
import { damagedJob } from './damaged.ts';
import { jobOf, type Moment } from './resource.ts';

/** A run as clients see it at this moment. */
export const presentJob = async ({ queue, baseUrl }: Pick<Jobs, 'queue' | 'baseUrl'>, run: Run | DamagedRun): Promise<Job> =>
  'damage' in run ? damagedJob(run, baseUrl) : jobOf(run, { ...(await placeOf(queue, run)), now: new Date(), baseUrl });

/** Reads go on without Redis: then nobody knows the position. */
async function placeOf(queue: Jobs['queue'], { id, record }: Run): Promise<Omit<Moment, 'now' | 'baseUrl'>> {
  if (record.state !== 'queued') return { queuePosition: null };
  try {
    const queuePosition = await queue.position(id, record.retries);
    return { queuePosition, failure: queuePosition === null ? errorOf(await queue.failure(id, record.retries)) : null };
  } catch (error) {
    if (error instanceof QueueUnavailable) return { queuePosition: null };
    throw error;
  }
}

/** What keeps a worker from even taking a run is not in its record; the worker leaves it with the entry, behind its code. */
function errorOf(failure: string | null): JobError | null {
  const [, code, message] = /^([a-z_]+): (.*)$/s.exec(failure ?? '') ?? [];
  return code === undefined || message === undefined ? null : { kind: 'infrastructure', code, message, retryable: true };
}
