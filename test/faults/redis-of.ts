import { Redis } from 'ioredis';
import type { Rig } from '../rig/rig.ts';
import { until } from '../until.ts';

/* The Redis of a rig, seen from outside. */

export const untilRedisAnswers = ({ queue }: Rig): Promise<void> =>
  until(
    () =>
      queue.depth().then(
        () => true,
        () => false,
      ),
    'Redis answers again',
  );

export async function withRedis<T>({ redis }: Pick<Rig, 'redis'>, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url.replace('unix://', ''));
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
