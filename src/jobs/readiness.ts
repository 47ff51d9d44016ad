import { ulid } from 'ulid';
import type { Problem } from '../contract/errors.ts';
import type { Blobs } from '../storage/storage.ts';
import type { Jobs } from './context.ts';
import { NotReady } from './errors.ts';

/**
 * Tries what accepting a job takes: a real write to the storage, which is that of the queue, and an entry in the queue. Throws
 * NotReady with all that fails.
 */
export async function assertReady({ blobs, queue, folder }: Jobs): Promise<void> {
  const [data, identity, redis] = await Promise.allSettled([tryWrite(blobs), folder.check(), queue.tryAdd()]);
  const problems = [...failuresOf('data', data), ...failuresOf('data', identity), ...failuresOf('redis', redis)];
  if (problems.length > 0) throw new NotReady(problems);
}

const failuresOf = (name: string, check: PromiseSettledResult<unknown>): Problem[] =>
  check.status === 'fulfilled' ? [] : [{ pointer: `/${name}`, detail: (check.reason as Error).message }];

async function tryWrite(blobs: Blobs): Promise<void> {
  const key = `ready/${ulid()}`;
  try {
    await blobs.putIfAbsent(key, 'ready');
  } finally {
    await blobs.remove([key]);
  }
}
