import { type Progress, progressSchema } from '../contract/progress.ts';
import type { RedisClient } from './connection.ts';
import { PREFIX } from './entry.ts';

/*
 *   {epochd}:progress:<queue>:<run id>     how far its trainer is, as JSON; expires when it is not heard of any more
 */
const progressKey = (queueName: string, id: string): string => `${PREFIX}:progress:${queueName}:${id}`;

/** How long progress is shown that nobody repeats. */
const PROGRESS_TTL_MS = 30_000;

export async function publishProgress(client: RedisClient, queueName: string, id: string, progress: Progress): Promise<void> {
  await client.set(progressKey(queueName, id), JSON.stringify(progress), 'PX', PROGRESS_TTL_MS);
}

/** By one command, however many runs: each one's progress, or null where nothing, or nothing that can be understood, was heard. */
export async function readProgress(client: RedisClient, queueName: string, ids: readonly string[]): Promise<(Progress | null)[]> {
  if (ids.length === 0) return [];
  return (await client.mget(ids.map((id) => progressKey(queueName, id)))).map(parse);
}

function parse(text: string | null): Progress | null {
  if (text === null) return null;
  try {
    return progressSchema.parse(JSON.parse(text));
  } catch {
    // Another version's, or somebody else's: it is only looked at, and gone in a moment.
    return null;
  }
}
