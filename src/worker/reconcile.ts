import type { Logger } from 'pino';
import { JobNotFound } from '../contract/errors.ts';
import { isTerminal } from '../contract/job.ts';
import type { QueueEntry } from '../queue/entry.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { Runs } from '../runs/store.ts';

/**
 * Adds every run that has not ended and has no entry in the queue: after a Redis that lost its data, or a process that died between
 * writing the run and adding it. `folder` is the identity of the data folder. Throws QueueUnavailable, StorageUnavailable.
 */
export async function reconcile(runs: Runs, queue: JobQueue, folder: string, log: Logger): Promise<void> {
  const unfinished = await listUnfinished(runs);
  for (const { id, retries } of await queue.missing(unfinished)) {
    const added = await ignoringRemoved(async () => {
      const { spec } = await runs.read(id);
      await queue.add(id, spec.priority, retries, folder);
    });
    if (added) log.warn({ job_id: id }, 'the run was not in the queue: it was added again');
  }
}

async function listUnfinished(runs: Runs): Promise<QueueEntry[]> {
  const unfinished: QueueEntry[] = [];
  for (const id of (await runs.list()).reverse()) {
    await ignoringRemoved(async () => {
      const { state, retries } = await runs.readRecord(id);
      if (!isTerminal(state)) unfinished.push({ id, retries });
    });
  }
  return unfinished;
}

/** False when the run was removed since it was listed. */
async function ignoringRemoved(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof JobNotFound) return false;
    throw error;
  }
}
