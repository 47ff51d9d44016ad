import type { Logger } from 'pino';
import type { RedisAddress } from '../../scripts/redis-address.mjs';
import { EpochdError, QueueUnavailable } from '../contract/errors.ts';
import { type Connection, connectForRequests, isReadySoon } from './connection.ts';
import { isRefusal } from './reason.ts';
import { troubleWith } from './trouble.ts';

/** Thrown when the address of a single server leads to a node of a Redis Cluster. */
export class RedisIsCluster extends EpochdError {
  readonly code = 'redis_is_cluster';
  readonly kind = 'user';
  constructor(name: string) {
    super(
      `REDIS_URL=${name} is a node of a Redis Cluster: expected redis+cluster:// before its host and port (rediss+cluster:// with TLS)`,
    );
  }
}

/** Whether Redis answers within the time that a command may take. */
export async function answersSoon(address: RedisAddress): Promise<boolean> {
  const { client } = connectForRequests(address);
  const ready = await isReadySoon(client);
  client.disconnect();
  return ready;
}

/**
 * Resolves when the connection stands; until then says why it does not. Throws QueueUnavailable when Redis refuses in a way that no
 * waiting mends, such as the password, and RedisIsCluster.
 */
export async function untilItStands(connection: Connection, address: RedisAddress, log: Logger): Promise<void> {
  const trouble = troubleWith(log, { redis: address.name }, 'waiting for redis', 'redis answers');
  while (!(await isReadySoon(connection.client))) {
    const fault = connection.fault();
    if (fault !== null && isRefusal(fault)) throw new QueueUnavailable(`Redis refuses this worker: ${fault}`);
    trouble.tell(fault ?? `nothing is answered${address.tls ? ': does it speak TLS?' : ''}`);
  }
  trouble.over();
  await refuseCluster(connection, address);
}

/** Throws RedisIsCluster. A server that does not tell is taken for what the address says. */
export async function refuseCluster({ client }: Connection, { mode, name }: RedisAddress): Promise<void> {
  if (mode !== 'server') return;
  const info = await soon(client.cluster('INFO')).catch(() => '');
  if (String(info).includes('cluster_state')) throw new RedisIsCluster(name);
}

const SOON_MS = 1500;

/** What is asked of a connection for workers would otherwise wait for as long as Redis is away. */
async function soon<T>(answer: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), SOON_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
