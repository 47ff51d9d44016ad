import { createConnection } from 'node:net';

const patienceMilliseconds = 2000;

export const redisUrl = {
  name: 'REDIS_URL',
  needed: 'a Redis that can be connected to',
  inspect: async ({ env }) => {
    const place = placeOf(env.REDIS_URL);
    const reason = await whyUnreachable(place.options);
    return { ok: reason === undefined, found: `${place.name} ${reason ? `does not answer: ${reason}` : 'answers'}` };
  },
  mend: () => 'unset REDIS_URL   # epochd serve then starts a Redis of its own',
};

/** Without user and password: what the doctor prints is pasted into bug reports. */
function placeOf(text) {
  if (!URL.canParse(text)) return { name: 'its value', options: {} };
  const { protocol, hostname, port, pathname } = new URL(text);
  if (protocol === 'unix:') return { name: pathname, options: { path: pathname } };
  const options = { host: hostname, port: Number(port || 6379) };
  return { name: `${options.host}:${options.port}`, options };
}

function whyUnreachable(options) {
  if (!options.port && !options.path) return Promise.resolve('it is no URL');
  return new Promise((resolve) => {
    const socket = createConnection({ ...options, timeout: patienceMilliseconds });
    const settle = (reason) => {
      socket.destroy();
      resolve(reason);
    };
    socket.on('connect', () => settle(undefined));
    socket.on('timeout', () => settle('no answer'));
    socket.on('error', (error) => settle(error.code));
  });
}
