import { QueueUnavailable } from '../contract/errors.ts';
import type { RedisClient } from './connection.ts';
import { PREFIX } from './entry.ts';

/** A full Redis would also stop the renewal of locks: new work is refused before. */
const FULL = 0.8;

/** In a script with a key, so that in a Cluster the server is asked that holds the queue. Empty where Redis does not permit INFO. */
const INFO = `local info = redis.pcall('INFO', ARGV[1]) if type(info) == 'table' then return '' end return info`;

/** Throws QueueUnavailable when Redis has used 80 % of its maxmemory. */
export async function assertRoom(client: RedisClient): Promise<void> {
  const info = await readInfo(client, 'memory');
  const used = Number(info.get('used_memory') ?? 0);
  const limit = Number(info.get('maxmemory') ?? 0);
  if (limit === 0 || used < FULL * limit) return;
  throw new QueueUnavailable(`Redis holds ${used} of ${limit} bytes (maxmemory): new jobs are taken below ${FULL * 100} %`);
}

/** What would lose jobs, in sentences. */
export async function readWarnings(client: RedisClient): Promise<string[]> {
  const [memory, persistence] = [await readInfo(client, 'memory'), await readInfo(client, 'persistence')];
  if (memory.size === 0) {
    return ['Redis does not permit INFO: expected maxmemory-policy noeviction and appendonly yes, but nobody can see whether they are set'];
  }
  const policy = memory.get('maxmemory_policy');
  return [
    ...(policy === 'noeviction' ? [] : [`Redis has maxmemory-policy ${policy}: expected noeviction, or it may drop jobs when it is full`]),
    ...(persistence.get('aof_enabled') === '1'
      ? []
      : ['Redis has appendonly no: expected yes, or a crash of Redis loses the queue until a worker reconciles it']),
  ];
}

async function readInfo(client: RedisClient, section: string): Promise<Map<string, string>> {
  const info = String(await client.eval(INFO, 1, `${PREFIX}:info`, section));
  const lines = info.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
