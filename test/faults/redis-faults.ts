import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Faults, Target } from './fault.ts';
import { withRedis } from './redis-of.ts';

const MAX_DOWN_MS = 4000;
/** The least that can be said: with less than it holds already it takes nothing more. */
const TOO_LITTLE_MEMORY = '1';

const ended = (signal: 'SIGKILL' | 'SIGTERM'): Fault => ({
  where: 'redis',
  async strike({ fleet: { redis }, chance }) {
    const wasThere = redis.kill(signal);
    await sleep(chance.between(50, MAX_DOWN_MS));
    await redis.restart();
    return wasThere;
  },
});

const told = (words: (target: Target) => Promise<boolean>): Fault => ({ where: 'redis', strike: words });

export const REDIS_FAULTS: Faults = {
  'kill -9 Redis': ended('SIGKILL'),
  'SIGTERM Redis': ended('SIGTERM'),
  'SIGSTOP Redis': {
    where: 'redis',
    async strike({ fleet: { redis }, chance }) {
      const wasThere = redis.kill('SIGSTOP');
      await sleep(chance.between(300, 6000));
      return redis.kill('SIGCONT') && wasThere;
    },
  },
  FLUSHALL: told(({ fleet }) => withRedis(fleet, async (redis) => (await redis.flushall()) === 'OK')),
  'Redis out of memory': told(({ fleet, chance }) =>
    withRedis(fleet, async (redis) => {
      await redis.config('SET', 'maxmemory', TOO_LITTLE_MEMORY);
      const refused = await redis.set('epochd-fault', '').then(
        () => false,
        (error: Error) => error.message.startsWith('OOM'),
      );
      await sleep(chance.between(500, 5000));
      await redis.config('SET', 'maxmemory', '0');
      return refused;
    }),
  ),
  'CLIENT KILL': told(({ fleet }) =>
    withRedis(fleet, async (redis) => Number(await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')) > 0),
  ),
};
