import { inspect } from 'node:util';
import type { Logger } from 'pino';
import { DataFolderMismatch, EpochdError } from '../contract/errors.ts';
import { troubleWith } from '../queue/trouble.ts';

/** Something that is done again and again, never twice at a time. */
export interface Repetition {
  /** Resolves when the last one is through. */
  stop(): Promise<void>;
}

/** Does `work`, which never rejects, now and then `ms` after it was through, until stopped. */
export function repeat(ms: number, work: () => Promise<void>): Repetition {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const turn = async (): Promise<void> => {
    await work();
    if (!stopped) timer = setTimeout(next, ms);
  };
  const next = (): void => {
    running = turn();
  };
  let running = turn();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}

/** A task that never rejects: why it fails is said at growing intervals, however often it is tried. */
export function calmly(task: string, work: () => Promise<unknown>, log: Logger): () => Promise<void> {
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
