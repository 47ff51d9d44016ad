import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import type { Problem } from '../contract/errors.ts';
import { createFile, named } from '../storage/files.ts';
import type { Jobs } from './context.ts';
import { NotReady } from './errors.ts';

/**
 * Tries what accepting a job takes: a real write to the data folder, which is that of the queue, and an entry in
 * the queue. Throws NotReady with all that fails.
 */
export async function assertReady({ dataDir, queue, folder }: Jobs): Promise<void> {
  const [data, identity, redis] = await Promise.allSettled([tryWrite(dataDir), folder.check(), queue.tryAdd()]);
  const problems = [...failuresOf('data', data), ...failuresOf('data', identity), ...failuresOf('redis', redis)];
  if (problems.length > 0) throw new NotReady(problems);
}

const failuresOf = (name: string, check: PromiseSettledResult<unknown>): Problem[] =>
  check.status === 'fulfilled' ? [] : [{ pointer: `/${name}`, detail: (check.reason as Error).message }];

async function tryWrite(dataDir: string): Promise<void> {
  const path = join(dataDir, `.ready-${ulid()}.tmp`);
  try {
    await createFile(path, 'ready');
  } finally {
    await named(path, () => rm(path, { force: true }));
  }
}
