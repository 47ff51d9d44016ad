import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { consume, type Handle } from '../queue/consumer.ts';
import { openQueue } from '../queue/queue.ts';
import type { WorkerInfo } from '../queue/workers.ts';
import { guardFolder } from '../runs/folder-guard.ts';
import { openRuns } from '../runs/store.ts';
import type { Blobs, Sweeper } from '../storage/storage.ts';
import { FOLDER_LOOK_MS, watchFolder } from './folder-watch.ts';
import { handle } from './handle.ts';
import { reconcile } from './reconcile.ts';
import { calmly, repeat } from './repeat.ts';
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
    noting(inWork, (id, lockLost, taken) => {
      const means = { settings, runs, queue, folder, log: log.child({ job_id: id }) };
      return handle(means, id, taken, AbortSignal.any([closing.signal, lockLost]));
    }),
    log,
  );
  const folder = watchFolder(guard, consumer, log);
  const info = (): WorkerInfo => ({ ...introduction(settings), jobs: [...inWork], since, folder: guard.id });
  const again = (ms: number, task: string, work: () => Promise<unknown>) => repeat(ms, calmly(task, work, log));
  const repetitions = [
    again(FOLDER_LOOK_MS, 'look at the data folder', folder.look),
    again(settings.reconcileMs, 'reconcile', async () => reconcile(runs, queue, await folder.look(), log)),
    again(SWEEP_MS, 'sweep', async () => {
      await blobs.sweep?.();
      await runs.markStrays();
    }),
    again(settings.announceMs, 'announce this worker', () => consumer.announce(info(), MISSED_ANNOUNCEMENTS * settings.announceMs)),
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

/** Notes which runs are being handled. */
const noting =
  (inWork: Set<string>, work: Handle): Handle =>
  async (id, ...rest) => {
    inWork.add(id);
    try {
      return await work(id, ...rest);
    } finally {
      inWork.delete(id);
    }
  };
