import type { Logger } from 'pino';
import { JobNotFound, QueueUnavailable } from '../contract/errors.ts';
import type { QueueEntry } from '../queue/entry.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { Runs } from '../runs/store.ts';

/** So many runs are named in a line of the log; of more their number must do. */
const NAMED = 5;

/** What one round has come upon. */
interface Round {
  readonly added: string[];
  readonly unreadable: string[];
  /** What kept the last of them from being read. */
  error?: unknown;
}

/**
 * Gives every run that has not ended an entry in the queue that a worker will be given: after a Redis that lost data, all or some of
 * it, or a process that died between writing the run and adding it. `folder` is the identity of the data folder. A run that cannot be
 * read keeps no other from that. Throws QueueUnavailable, and StorageUnavailable when the runs cannot even be listed.
 */
export async function reconcile(runs: Runs, queue: JobQueue, folder: string, log: Logger): Promise<void> {
  const round: Round = { added: [], unreadable: [] };
  try {
    for (const entry of await queue.missing(await runs.listUnfinished())) await mend({ runs, queue, folder }, entry, round);
  } finally {
    tell(round, log);
  }
}

interface Means {
  readonly runs: Runs;
  readonly queue: JobQueue;
  readonly folder: string;
}

async function mend({ runs, queue, folder }: Means, { id, retries }: QueueEntry, round: Round): Promise<void> {
  await unlessUnreadable(id, round, async () => {
    if (!(await runs.settle({ id, retries }))) return;
    const { spec } = await runs.read(id);
    await queue.remove(id, retries);
    await queue.add(id, spec.priority, retries, folder);
    round.added.push(id);
  });
}

/** A run that was removed meanwhile is none; what else keeps one from being read is its own trouble. */
async function unlessUnreadable(id: string, round: Round, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof QueueUnavailable) throw error;
    if (error instanceof JobNotFound) return;
    round.unreadable.push(id);
    round.error = error;
  }
}

function tell({ added, unreadable, error }: Round, log: Logger): void {
  if (added.length > 0)
    log.warn({ runs: added.length, such_as: added.slice(0, NAMED) }, 'runs were not in the queue: they were added again');
  if (unreadable.length > 0)
    log.warn({ runs: unreadable.length, such_as: unreadable.slice(0, NAMED), err: error }, 'runs cannot be read: they are passed over');
}
