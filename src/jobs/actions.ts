import { QueueUnavailable } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import type { RunRecord } from '../runs/record.ts';
import type { Jobs } from './context.ts';
import { presentJob } from './resource.ts';

/** What became of a job, and whether this request is why. */
interface Outcome {
  readonly job: Job;
  readonly changed: boolean;
}

/** Throws JobNotFound, WrongState, StorageFull, StorageUnavailable. Works without Redis: a worker looks at the record before it trains. */
export async function cancelJob(jobs: Jobs, id: string): Promise<Outcome> {
  const { runs, queue } = jobs;
  const before = await runs.readRecord(id);
  const after = await runs.cancel(id);
  // Nobody waits for this: the entry of a cancelled run means nothing to a worker, and Redis may be slow to answer.
  if (after.state === 'cancelled') void unlessDown(queue.remove(id, after.retries));
  return outcome(jobs, id, before, after);
}

/** Throws JobNotFound, WrongState, StorageFull, StorageUnavailable, QueueUnavailable. */
export async function retryJob(jobs: Jobs, id: string): Promise<Outcome> {
  const { runs, queue, folder } = jobs;
  const identity = await folder.refresh();
  const before = await runs.readRecord(id);
  const after = await runs.retry(id);
  // Once the record says queued, the run is found and queued by whoever reconciles, should Redis fail right now.
  const { spec } = await runs.read(id);
  if (after.state === 'queued') await unlessDown(queue.add(id, spec.priority, after.retries, identity));
  return outcome(jobs, id, before, after);
}

/** Throws JobNotFound, WrongState, StorageUnavailable. */
export async function deleteJob({ runs, queue }: Jobs, id: string): Promise<void> {
  const retries = await runs.remove(id);
  // A cancel that Redis did not hear of left the entry: a worker would look for its run for a minute. Nobody waits for that.
  void unlessDown(queue.remove(id, retries));
}

const outcome = async (jobs: Jobs, id: string, before: RunRecord, after: RunRecord): Promise<Outcome> => ({
  job: await presentJob(jobs, await jobs.runs.read(id)),
  changed: after.transitions.length > before.transitions.length,
});

/** Does without what Redis does not do now. */
export async function unlessDown(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
  }
}
