import { QueueUnavailable } from '../contract/errors.ts';
import type { Progress } from '../contract/progress.ts';

/** At most so often progress is published, and so often what is published is repeated: below the time that it is shown for. */
const PACE = { publishMs: 500, repeatMs: 10_000 };

/** Hands on how far a trainer is, while it lives. */
export interface ProgressRelay {
  hear(progress: Progress): void;
  stop(): void;
}

/**
 * Publishes the newest progress that was heard, one after the other. It is only looked at: what Redis refuses, or is slow to take, is
 * dropped.
 */
export function relayProgress(publish: (progress: Progress) => Promise<void>, pace = PACE): ProgressRelay {
  let newest: Progress | null = null;
  let published: Progress | null = null;
  let publishedAt = Number.NEGATIVE_INFINITY;
  let isBusy = false;
  const look = async (): Promise<void> => {
    const sinceMs = performance.now() - publishedAt;
    if (isBusy || newest === null || sinceMs < (newest === published ? pace.repeatMs : pace.publishMs)) return;
    isBusy = true;
    published = newest;
    publishedAt = performance.now();
    try {
      await publish(newest);
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void look(), pace.publishMs);
  return {
    hear(progress) {
      newest = progress;
      void look();
    },
    stop: () => clearInterval(timer),
  };
}
