import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisAddress, socketAddress } from '../scripts/redis-address.mjs';

/** A redis-server of the test's own, set up as the product asks for: AOF on, noeviction, on a unix socket in a temporary folder. */
export interface TestRedis {
  readonly url: string;
  readonly address: RedisAddress;
  readonly pid: number;
  /** SIGSTOP and SIGCONT freeze and thaw it, SIGKILL ends it as a crash does. False when it was gone already. */
  kill(signal: NodeJS.Signals): boolean;
  /** Starts it again on the same data after a kill. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** `settings` are redis-server's own, such as `{ maxmemory: '2mb' }`. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'epochd-redis-'));
  const socket = join(folder, 'redis.sock');
  let server = await launch(folder, socket, settings);
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  return {
    url: `unix://${socket}`,
    address: socketAddress(socket),
    get pid() {
      return server.pid ?? 0;
    },
    kill: (signal) => server.kill(signal),
    async restart() {
      await ended(server);
      server = await launch(folder, socket, settings);
    },
    async stop() {
      process.off('exit', kill);
      kill();
      await ended(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, socket: string, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const all = { port: '0', unixsocket: socket, dir: folder, appendonly: 'yes', save: '', 'maxmemory-policy': 'noeviction', ...settings };
  const server = spawn(
    'redis-server',
    Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: 'ignore' },
  );
  const failed = once(server, 'error').then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  await Promise.race([answers(socket, server), failed]);
  return server;
}

async function answers(socket: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null && server.signalCode === null) {
    if (await ping(socket)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`redis-server ended with ${server.exitCode ?? server.signalCode} before it answered`);
}

const ping = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const client = connect({ path }, () => client.write('PING\r\n'));
    client.once('data', (reply) => {
      client.destroy();
      resolve(reply.toString().startsWith('+PONG'));
    });
    client.once('error', () => resolve(false));
  });

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
}
