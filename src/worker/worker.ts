import { hostname } from 'node:os';
import { inspect } from 'node:util';
import type { Logger } from 'pino';
import { DataFolderMismatch, EpochdError } from '../contract/errors.ts';
import { consume } from '../queue/consumer.ts';
import { openQueue } from '../queue/queue.ts';
import { troubleWith } from '../queue/trouble.ts';
import type { WorkerInfo } from '../queue/workers.ts';
import { guardFolder } from '../runs/folder-guard.ts';
import { openRuns } from '../runs/store.ts';
import type { Blobs, Sweeper } from '../storage/storage.ts';
import { FOLDER_LOOK_MS, watchFolder } from './folder-watch.ts';
import { handle } from './handle.ts';
import { reconcile } from './reconcile.ts';
import { repeat } from './repeat.ts';
import type { WorkerSettings } from './settings.ts';

export interface Worker {
  /** Gives back what is in work and resolves when every trainer is gone. */
  close(): Promise<void>;
}

/** How long Redis may take to hear what became of the last runs. */
const GOODBYE_MS = 2000;

/** How often what dead processes left in the storage is removed. */
const SWEEP_MS = 3_600_000;

/** A worker is believed to be alive for this many announcements. */
const MISSED_ANNOUNCEMENTS = 3;

/** Takes runs from the queue and trains each in a process of its own. Waits for Redis. */
export async function startWorker(settings: WorkerSettings, blobs: Blobs & Partial<Sweeper>, log: Logger): Promise<Worker> {
  const closing = new AbortController();
  const inWork = new Set<string>();
  const since = new Date().toISOString();
  const queue = await openQueue(settings.queue);
  const runs = openRuns(blobs);
  const guard = await guardFolder(blobs, settings.dataDir, queue);
  const consumer = await consume(
    settings.queue,
    async (id, lockLost, taken) => {
      inWork.add(id);
      try {
        const means = { settings, runs, queue, folder, log: log.child({ job_id: id }) };
        return await handle(means, id, taken, AbortSignal.any([closing.signal, lockLost]));
      } finally {
        inWork.delete(id);
      }
    },
    log,
  );
  const folder = watchFolder(guard, consumer, log);
  const info = (): WorkerInfo => ({ ...introduction(settings), jobs: [...inWork], since, folder: guard.id });
  const look = calmly('look at the data folder', () => folder.look(), log);
  await look();
  const repetitions = [
    repeat(FOLDER_LOOK_MS, look),
    repeat(
      settings.reconcileMs,
      calmly('reconcile', async () => reconcile(runs, queue, await folder.look(), log), log),
    ),
    repeat(
      SWEEP_MS,
      calmly('sweep', async () => blobs.sweep?.(), log),
    ),
    repeat(
      settings.announceMs,
      calmly('announce this worker', () => consumer.announce(info(), MISSED_ANNOUNCEMENTS * settings.announceMs), log),
    ),
  ];
  return {
    async close() {
      closing.abort();
      const stopped = repetitions.map((repetition) => repetition.stop());
      await consumer.close(settings.id, GOODBYE_MS);
      await Promise.all(stopped);
      await queue.close();
    },
  };
}

const introduction = ({ id, engines, queue: { concurrency } }: WorkerSettings) => ({
  id,
  host: hostname(),
  pid: process.pid,
  engines,
  concurrency,
});

/** A task that never rejects: why it fails is said at growing intervals, however often it is tried. */
function calmly(task: string, work: () => Promise<unknown>, log: Logger): () => Promise<void> {
  const trouble = troubleWith(log, { task }, 'a periodic task of the worker fails', 'a periodic task of the worker succeeds again', 1);
  return async () => {
    try {
      await work();
      trouble.over();
    } catch (error) {
      // A wrong folder is said of at its own pace.
      if (error instanceof DataFolderMismatch) return;
      trouble.tell(error instanceof EpochdError ? error.message : inspect(error));
    }
  };
}
