import { createServer } from 'node:net';

export const port = {
  name: 'port',
  needed: 'a free port to listen on',
  optional: true,
  inspect: async ({ env }) => {
    const [host, number] = [env.EPOCHD_HOST || '127.0.0.1', Number(env.EPOCHD_PORT || 8080)];
    const reason = await whyTaken(host, number);
    return {
      ok: reason === undefined,
      found: `${host}:${number} ${reason ? `cannot be listened on: ${reason} (by epochd itself?)` : 'is free'}`,
    };
  },
  mend: () => 'EPOCHD_PORT=0 npm start   # takes a free one and prints it',
};

/** Undefined when the port is free. */
export function whyTaken(host, number) {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(error.code));
    server.listen(number, host, () => server.close(() => resolve(undefined)));
  }).catch((error) => error.code);
}
