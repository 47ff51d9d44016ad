import { randomBytes } from 'node:crypto';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnavailable } from '../contract/errors.ts';
import { jobIdSchema } from '../contract/job.ts';
import { createFile, hasCode, named, readIfThere } from '../storage/files.ts';

/*
 *   <data>/identity.json     { id, created_at }, made once
 *
 * A folder that is not mounted, or another one, looks like a folder whose runs were all withdrawn. By its identity it is known.
 */

const pathOf = (dataDir: string): string => join(dataDir, 'identity.json');

/** Null when the folder has none. Throws StorageUnavailable. */
export async function readIdentity(dataDir: string): Promise<string | null> {
  const path = pathOf(dataDir);
  const text = await readIfThere(path);
  if (text === null) return null;
  const [, id] = /"id":\s*"(\w+)"/.exec(text) ?? [];
  if (id === undefined) throw new StorageUnavailable(`${path}: expected {"id": "..."}, got ${JSON.stringify(text.slice(0, 100))}`);
  return id;
}

/** Gives the folder an identity, unless it has one. Throws StorageFull, StorageUnavailable. */
export async function makeIdentity(dataDir: string): Promise<string> {
  const id = `data_${randomBytes(8).toString('hex')}`;
  await createFile(pathOf(dataDir), `${JSON.stringify({ id, created_at: new Date().toISOString() })}\n`);
  return (await readIdentity(dataDir)) ?? id;
}

/** Whether there is at least one run in it. */
export async function holdsRuns(dataDir: string): Promise<boolean> {
  const path = join(dataDir, 'runs');
  try {
    return await named(path, async () => {
      for await (const { name } of await opendir(path)) if (jobIdSchema.safeParse(name).success) return true;
      return false;
    });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
