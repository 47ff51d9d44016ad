import { createConnection } from 'node:net';
import { parseRedisUrl } from '../redis-address.mjs';

const patienceMilliseconds = 2000;

export const redisUrl = {
  name: 'REDIS_URL',
  needed: 'a Redis that can be connected to',
  inspect: async ({ env }) => {
    const address = read(env.REDIS_URL);
    if (address.fault) return { ok: false, found: `it cannot be read: ${address.fault}` };
    const places = address.path === null ? address.nodes : [{ path: address.path }];
    const answers = await Promise.all(places.map(async (place) => ({ name: nameOf(place), reason: await whyUnreachable(place) })));
    // Of several sentinels or nodes one is enough.
    const ok = answers.some(({ reason }) => reason === undefined);
    return { ok, found: answers.map(({ name, reason }) => `${name} ${reason ? `does not answer: ${reason}` : 'answers'}`).join(', ') };
  },
  mend: () => 'unset REDIS_URL   # epochd serve then starts a Redis of its own',
};

function read(text) {
  try {
    return parseRedisUrl(text);
  } catch (error) {
    return { fault: error.message };
  }
}

/** Without user and password: what the doctor prints is pasted into bug reports. */
const nameOf = ({ path, host, port }) => path ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;

function whyUnreachable(place) {
  return new Promise((resolve) => {
    const socket = createConnection({ ...place, timeout: patienceMilliseconds });
    const settle = (reason) => {
      socket.destroy();
      resolve(reason);
    };
    socket.on('connect', () => settle(undefined));
    socket.on('timeout', () => settle('no answer'));
    socket.on('error', (error) => settle(error.code));
  });
}
