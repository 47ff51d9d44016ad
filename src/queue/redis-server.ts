import type { Redis } from 'ioredis';
import { QueueUnavailable } from '../contract/errors.ts';

/** A full Redis would also stop the renewal of locks: new work is refused before. */
const FULL = 0.8;

/** Throws QueueUnavailable when Redis has used 80 % of its maxmemory. */
export async function assertRoom(client: Redis): Promise<void> {
  const info = fields(await client.info('memory'));
  const used = Number(info.get('used_memory'));
  const limit = Number(info.get('maxmemory'));
  if (limit === 0 || used < FULL * limit) return;
  throw new QueueUnavailable(`Redis holds ${used} of ${limit} bytes (maxmemory): new jobs are taken below ${FULL * 100} %`);
}

/** What would lose jobs, in sentences. */
export async function readWarnings(client: Redis): Promise<string[]> {
  const policy = fields(await client.info('memory')).get('maxmemory_policy');
  const appendOnly = fields(await client.info('persistence')).get('aof_enabled');
  return [
    ...(policy === 'noeviction' ? [] : [`Redis has maxmemory-policy ${policy}: expected noeviction, or it may drop jobs when it is full`]),
    ...(appendOnly === '1'
      ? []
      : ['Redis has appendonly no: expected yes, or a crash of Redis loses the queue until a worker reconciles it']),
  ];
}

const fields = (info: string): Map<string, string> =>
  new Map(info.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
