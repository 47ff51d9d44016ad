import { QueueUnavailable } from '../contract/errors.ts';
import type { Job, JobError, RecordedState } from '../contract/job.ts';
import type { Progress } from '../contract/progress.ts';
import type { DamagedRun, Run } from '../runs/run.ts';
import type { Jobs } from './context.ts';
import { damagedJob } from './damaged.ts';
import { jobOf, type Moment } from './resource.ts';

type Means = Pick<Jobs, 'queue' | 'baseUrl'>;

/** A run as clients see it at this moment. */
export async function presentJob(means: Means, run: Run | DamagedRun): Promise<Job> {
  const [job] = await presentJobs(means, [run]);
  if (!job) throw new Error('unreachable: a job for each run');
  return job;
}

/** Runs as clients see them at this moment: how far they are is asked once for all of them. */
export async function presentJobs({ queue, baseUrl }: Means, runs: readonly (Run | DamagedRun)[]): Promise<Job[]> {
  const progress = await progressOf(queue, runs);
  return Promise.all(
    runs.map(async (run) =>
      'damage' in run
        ? damagedJob(run, baseUrl)
        : jobOf(run, { ...(await placeOf(queue, run)), progress: progress.get(run.id) ?? null, now: new Date(), baseUrl }),
    ),
  );
}

/** Of those in work, by id. Reads go on without Redis: then the ends of epochs are all that is known. */
async function progressOf(queue: Jobs['queue'], runs: readonly (Run | DamagedRun)[]): Promise<Map<string, Progress | null>> {
  const inWork = runs.flatMap((run) => ('damage' in run || !isInWork(run.record.state) ? [] : [run.id]));
  if (inWork.length === 0) return new Map();
  try {
    const found = await queue.progress(inWork);
    return new Map(inWork.map((id, index) => [id, found[index] ?? null]));
  } catch (error) {
    if (error instanceof QueueUnavailable) return new Map();
    throw error;
  }
}

const isInWork = (state: RecordedState): boolean => state === 'running' || state === 'cancelling';

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
