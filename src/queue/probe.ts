import { randomBytes } from 'node:crypto';
import { Queue } from 'bullmq';
import type { RedisClient } from './connection.ts';
import { PREFIX } from './entry.ts';

/** What BullMQ writes when it adds an entry. */
const WRITTEN = ['meta', 'id', 'prioritized', 'marker', 'events', 'pc'] as const;

/**
 * Does to a queue beside the real one, from which nobody takes, what submitting a job does, and removes it: whatever keeps Redis from
 * taking a job keeps it from this too.
 */
export function openProbe(queueName: string, client: RedisClient): () => Promise<void> {
  // EPOCHD_QUEUE_NAME has no "~".
  const queue = new Queue(`${queueName}~probe`, { connection: client, prefix: PREFIX, skipVersionCheck: true, skipMetasUpdate: true });
  queue.on('error', () => undefined);
  return async () => {
    const entry = `probe-${randomBytes(8).toString('hex')}`;
    await queue.add('probe', {}, { jobId: entry, priority: 1 });
    await client.del([...WRITTEN, entry].map((name) => queue.toKey(name)));
  };
}
