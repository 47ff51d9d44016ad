/** Tells when runs change. One poller per run, however many wait for it: run directories may lie on a network, where nothing is notified. */
export interface RevisionWatch {
  /** Resolves when the run's revision is no longer `revision`, when the run is gone, when `signal` aborts, and when the watch ends. */
  changed(id: string, revision: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Waiter {
  readonly revision: number;
  readonly release: () => void;
}

export function watchRevisions(readRevision: (id: string) => Promise<number>, intervalMs: number): RevisionWatch {
  const waiting = new Map<string, Set<Waiter>>();
  const closed = new AbortController();

  const look = async (id: string, waiters: Set<Waiter>): Promise<void> => {
    // Whatever keeps the run from being read is for whoever waited to find and to say.
    const revision = await readRevision(id).catch(() => null);
    for (const waiter of waiters) if (waiter.revision !== revision) waiter.release();
    if (waiters.size > 0) setTimeout(() => void look(id, waiters), intervalMs);
    else waiting.delete(id);
  };

  return {
    changed: (id, revision, signal) =>
      new Promise((resolve) => {
        const ended = AbortSignal.any([signal, closed.signal]);
        if (ended.aborted) return resolve();
        const polled = waiting.get(id);
        const waiters = polled ?? new Set();
        const waiter = {
          revision,
          release: () => {
            ended.removeEventListener('abort', waiter.release);
            waiters.delete(waiter);
            resolve();
          },
        };
        ended.addEventListener('abort', waiter.release);
        waiters.add(waiter);
        if (polled) return;
        waiting.set(id, waiters);
        void look(id, waiters);
      }),
    close: () => closed.abort(),
  };
}
