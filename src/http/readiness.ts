import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import type { Problem } from '../contract/errors.ts';
import { writeDurably } from '../runs/files.ts';
import type { Context } from './context.ts';
import { NotReady } from './errors.ts';

/** Tries what accepting a job takes: a real write to the data folder, an entry in the queue. Throws NotReady with all that fails. */
export async function assertReady({ dataDir, queue }: Context): Promise<void> {
  const [data, redis] = await Promise.allSettled([tryWrite(dataDir), queue.tryAdd()]);
  const problems = [...failuresOf('data', data), ...failuresOf('redis', redis)];
  if (problems.length > 0) throw new NotReady(problems);
}

const failuresOf = (name: string, check: PromiseSettledResult<void>): Problem[] =>
  check.status === 'fulfilled' ? [] : [{ pointer: `/${name}`, detail: (check.reason as Error).message }];

async function tryWrite(dataDir: string): Promise<void> {
  const path = join(dataDir, `.ready-${ulid()}.tmp`);
  try {
    await writeDurably(path, 'ready');
  } finally {
    await rm(path, { force: true });
  }
}
