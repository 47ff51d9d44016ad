import type { EngineInfo } from '../contract/engine-info.ts';
import type { RedisClient } from './connection.ts';
import { PREFIX } from './entry.ts';

/** A worker as it describes itself. */
export interface WorkerInfo {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly engines: readonly EngineInfo[];
  readonly concurrency: number;
  /** Ids of the runs in work. */
  readonly jobs: readonly string[];
  readonly since: string;
  /** The identity of the data folder that it sees; null: none. Workers of version 0.1.0 do not say. */
  readonly folder?: string | null;
}

/*
 *   {epochd}:workers:<queue>          the ids, a set
 *   {epochd}:workers:<queue>:<id>     what the worker says of itself; expires when it is not heard of any more
 */
const setKey = (queueName: string): string => `${PREFIX}:workers:${queueName}`;
const infoKey = (queueName: string, id: string): string => `${setKey(queueName)}:${id}`;

/** Says for `ttlMs` that the worker is alive. */
export async function announceWorker(client: RedisClient, queueName: string, info: WorkerInfo, ttlMs: number): Promise<void> {
  await client.sadd(setKey(queueName), info.id);
  await client.set(infoKey(queueName, info.id), JSON.stringify(info), 'PX', ttlMs);
}

export async function withdrawWorker(client: RedisClient, queueName: string, id: string): Promise<void> {
  await client.del(infoKey(queueName, id));
  await client.srem(setKey(queueName), id);
}

/** The workers that were heard of lately, by id; ids of others are dropped. */
export async function listWorkers(client: RedisClient, queueName: string): Promise<WorkerInfo[]> {
  const ids = (await client.smembers(setKey(queueName))).sort();
  if (ids.length === 0) return [];
  const infos = await client.mget(ids.map((id) => infoKey(queueName, id)));
  const silent = ids.filter((_, index) => infos[index] === null);
  if (silent.length > 0) await client.srem(setKey(queueName), ...silent);
  return infos.flatMap((info) => (info === null ? [] : [JSON.parse(info) as WorkerInfo]));
}
