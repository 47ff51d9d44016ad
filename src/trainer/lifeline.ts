import { Worker } from 'node:worker_threads';

/*
 *   worker process                          child process
 *                                             main thread          turns of its event loop, counted
 *     |<---- beat: one byte ----------------- thread of the lifeline
 *     |----- closes, however it ends -------->|   then the child is killed, in the middle of a call too
 *
 * A long call of an engine, or the parsing of a large file, holds the main thread for as long as it takes. So a thread with
 * an event loop of its own speaks for the process. What it says is decision 7: docs/decisions/0007-what-hung-means.md
 */

/** The child's end of its lifeline. */
export const LIFELINE_FD = 4;

/** What the thread is started with: how often the main thread's event loop came around, as an Int32 that wraps. */
export interface LifelineData {
  readonly turns: SharedArrayBuffer;
}

/** Asks the thread to beat. */
export interface Beating {
  readonly everyMs: number;
  /** How long the main thread may compute without coming around. */
  readonly longestCallMs: number;
}

export interface Lifeline {
  /** From now on the parent hears that this process works. */
  beat(beating: Beating): void;
}

/** From now on this process ends with its parent, which must have started it by `startChild`. */
export function holdLifeline(): Lifeline {
  const turns = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const data: LifelineData = { turns };
  const thread = new Worker(new URL('./lifeline-thread.js', import.meta.url), { workerData: data });
  thread.unref();
  return {
    beat(beating) {
      const counter = new Int32Array(turns);
      setInterval(() => Atomics.add(counter, 0, 1), beating.everyMs / 2);
      thread.postMessage(beating, []);
    },
  };
}
