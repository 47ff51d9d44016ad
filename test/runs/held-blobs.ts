import type { Blobs } from '../../src/storage/storage.ts';

const WRITES = ['putIfAbsent', 'put', 'copy', 'remove', 'removeAll'];

/** Storage whose writes can be held back, as those of a process that is frozen. */
export interface HeldBlobs {
  readonly blobs: Blobs;
  /** Holds back the `n`-th write from now on, until `release`. Resolves when it comes. */
  holdAt(n: number): Promise<void>;
  release(): void;
}

export function holdBlobs(real: Blobs): HeldBlobs {
  let left = Number.POSITIVE_INFINITY;
  let arrive = (): void => undefined;
  let release = (): void => undefined;
  let released = Promise.resolve();
  const held =
    (call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]): Promise<unknown> => {
      if (--left === 0) {
        arrive();
        await released;
      }
      return call(...args);
    };
  return {
    blobs: Object.fromEntries(
      Object.entries(real).map(([name, call]) => [name, WRITES.includes(name) ? held(call) : call]),
    ) as unknown as Blobs,
    holdAt(n) {
      left = n;
      released = new Promise((resolve) => {
        release = resolve;
      });
      return new Promise((resolve) => {
        arrive = resolve;
      });
    },
    release: () => release(),
  };
}
