import { QueueUnavailable } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import type { RunRecord } from '../runs/record.ts';
import type { Context } from './context.ts';
import { presentJob } from './present.ts';

/** What became of a job, and whether this request is why. */
interface Outcome {
  readonly job: Job;
  readonly changed: boolean;
}

/** Throws JobNotFound, WrongState, StorageFull. Works without Redis: a worker looks at the record before it trains. */
export async function cancelJob(context: Context, id: string): Promise<Outcome> {
  const { runs, queue } = context;
  const before = await runs.readRecord(id);
  const after = await runs.cancel(id);
  // Nobody waits for this: the entry of a cancelled run means nothing to a worker, and Redis may be slow to answer.
  if (after.state === 'cancelled') void unlessDown(queue.remove(id, after.retries));
  return outcome(context, id, before, after);
}

/** Throws JobNotFound, WrongState, StorageFull, QueueUnavailable. */
export async function retryJob(context: Context, id: string): Promise<Outcome> {
  const { runs, queue } = context;
  await queue.ping();
  const before = await runs.readRecord(id);
  const after = await runs.retry(id);
  // Once the record says queued, the run is found and queued by whoever reconciles, should Redis fail right now.
  const { spec } = await runs.read(id);
  if (after.state === 'queued') await unlessDown(queue.add(id, spec.priority, after.retries));
  return outcome(context, id, before, after);
}

const outcome = async (context: Context, id: string, before: RunRecord, after: RunRecord): Promise<Outcome> => ({
  job: await presentJob(context, await context.runs.read(id)),
  changed: after.transitions.length > before.transitions.length,
});

async function unlessDown(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
  }
}
