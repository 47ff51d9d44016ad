import type { Worker } from 'bullmq';

/** Of the time that a lock holds: renewed so often, two renewals may fail. */
const RENEWALS = 3;

/** The locks on the entries in work, renewed by a clock that nobody sets: BullMQ's own renewal goes by the time of day. */
export interface Locks {
  hold(entry: string, token: string): void;
  release(entry: string): void;
  stop(): void;
}

/** A lock that is lost aborts the signal of its entry. `onError` hears what Redis refused. */
export function keepLocks(worker: Worker, lockDurationMs: number, onError: (error: Error) => void): Locks {
  const held = new Map<string, string>();
  let renewing = false;
  const renew = async (): Promise<void> => {
    if (renewing || held.size === 0) return;
    renewing = true;
    try {
      const lost = await worker.extendJobLocks([...held.keys()], [...held.values()], lockDurationMs);
      for (const entry of lost) if (held.has(entry)) worker.cancelJob(entry, 'the lock was lost');
    } catch (error) {
      onError(error as Error);
    } finally {
      renewing = false;
    }
  };
  const timer = setInterval(() => void renew(), lockDurationMs / RENEWALS);
  return {
    hold: (entry, token) => void held.set(entry, token),
    release: (entry) => void held.delete(entry),
    stop: () => clearInterval(timer),
  };
}
