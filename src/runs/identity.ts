import { randomBytes } from 'node:crypto';
import { StorageUnavailable } from '../contract/errors.ts';
import { jobIdSchema } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { RUNS } from './keys.ts';

/*
 *   identity.json     { id, created_at }, made once
 *
 * A folder that is not mounted, or another one, looks like a folder whose runs were all withdrawn. By its identity it is known.
 */
const IDENTITY = 'identity.json';

/** Null when the storage has none. Throws StorageUnavailable. */
export async function readIdentity(blobs: Blobs): Promise<string | null> {
  const text = (await blobs.get(IDENTITY))?.toString() ?? null;
  if (text === null) return null;
  const [, id] = /"id":\s*"(\w+)"/.exec(text) ?? [];
  if (id === undefined) throw new StorageUnavailable(`${IDENTITY}: expected {"id": "..."}, got ${JSON.stringify(text.slice(0, 100))}`);
  return id;
}

/** Gives the storage an identity, unless it has one. Throws StorageFull, StorageUnavailable. */
export async function makeIdentity(blobs: Blobs, now: Date): Promise<string> {
  const id = `data_${randomBytes(8).toString('hex')}`;
  await blobs.putIfAbsent(IDENTITY, `${JSON.stringify({ id, created_at: now.toISOString() })}\n`);
  return (await readIdentity(blobs)) ?? id;
}

/** Whether there is at least one run in it. */
export const holdsRuns = async (blobs: Blobs): Promise<boolean> =>
  (await blobs.children(RUNS)).some((name) => jobIdSchema.safeParse(name).success);
