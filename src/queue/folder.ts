import type { RedisClient } from './connection.ts';
import { PREFIX } from './entry.ts';

/*
 *   {epochd}:folder:<queue>     the identity of the data folder that holds the runs of this queue
 */
export const folderKey = (queueName: string): string => `${PREFIX}:folder:${queueName}`;

export const readFolder = (client: RedisClient, queueName: string): Promise<string | null> => client.get(folderKey(queueName));

/** Unless one is registered; gives the one that is. */
export async function registerFolder(client: RedisClient, queueName: string, id: string): Promise<string> {
  await client.set(folderKey(queueName), id, 'NX');
  return (await readFolder(client, queueName)) ?? id;
}
