import { StorageUnavailable } from '../../src/contract/errors.ts';
import type { Blobs } from '../../src/storage/storage.ts';

const WRITES = ['putIfAbsent', 'put', 'copy', 'remove', 'removeAll'];

/** The storage of a process that dies after `n` writes; `wasCut` says whether it came to that. */
export function cutAfter(real: Blobs, n: number): { readonly blobs: Blobs; wasCut(): boolean } {
  let writes = 0;
  const cut =
    (call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]): Promise<unknown> => {
      if (++writes > n) throw new StorageUnavailable('the process is dead');
      return call(...args);
    };
  return {
    blobs: Object.fromEntries(
      Object.entries(real).map(([name, call]) => [name, WRITES.includes(name) ? cut(call) : call]),
    ) as unknown as Blobs,
    wasCut: () => writes > n,
  };
}
