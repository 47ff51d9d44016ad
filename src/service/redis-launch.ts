import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EpochdError } from '../contract/errors.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';

const PROGRAMS = ['redis-server', 'valkey-server'] as const;
/** Loading a queue from disk takes seconds at most: runs themselves are not in Redis. */
const ANSWER_MS = 60_000;
const LOG_FILE = 'redis.log';

/** Thrown when neither redis-server nor valkey-server is on the PATH. */
export class RedisMissing extends EpochdError {
  readonly code = 'redis_missing';
  readonly kind = 'infrastructure';
  constructor() {
    super(
      `expected ${PROGRAMS.join(' or ')} on the PATH, found neither. Install one (on Debian or Ubuntu: "sudo apt-get install -y redis-server", ` +
        'or "sudo apt-get install -y valkey-server"), or set REDIS_URL to a Redis that runs elsewhere',
    );
  }
}

/** Thrown when the Redis that serve starts ends before it answers. */
export class RedisNotStarted extends EpochdError {
  readonly code = 'redis_not_started';
  readonly kind = 'infrastructure';
}

/** Where a Redis keeps its data, and where it listens. */
export interface RedisPlace {
  readonly folder: string;
  readonly socket: string;
}

/** The Redis at this place: the one that runs there, or a new one. Throws RedisMissing, RedisNotStarted, and when one hangs. */
export async function reachRedis(place: RedisPlace): Promise<RedisConnection> {
  const running = await connectRedis(place.socket, ANSWER_MS);
  if (running) return running;
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  return untilReady(place, await launch(place));
}

async function untilReady(place: RedisPlace, server: ChildProcess): Promise<RedisConnection> {
  while (server.exitCode === null && server.signalCode === null) {
    const connection = await connectRedis(place.socket, ANSWER_MS);
    if (connection) return connection;
    await delay(20);
  }
  const log = await readFile(join(place.folder, LOG_FILE), 'utf8').catch((error: Error) => error.message);
  const lastLines = log.trimEnd().split('\n').slice(-3).join('\n  ');
  throw new RedisNotStarted(
    `${server.spawnfile} ended with ${server.exitCode ?? server.signalCode} before it answered on ${place.socket}. Its last words:\n  ${lastLines}`,
  );
}

async function launch(place: RedisPlace): Promise<ChildProcess> {
  const logFile = await writableLog(place);
  for (const program of PROGRAMS) {
    const server = await start(program, place, logFile);
    if (server) return server;
  }
  throw new RedisMissing();
}

/** Redis does not start without the log that it is told of: where it cannot be written, it is told of none. */
async function writableLog({ folder }: RedisPlace): Promise<string> {
  const path = join(folder, LOG_FILE);
  return appendFile(path, '').then(
    () => path,
    () => '',
  );
}

/** Detached, so that Ctrl-C reaches it only after the trainings were handed over. Null when there is no such program. */
const start = (program: string, { folder, socket }: RedisPlace, logfile: string): Promise<ChildProcess | null> =>
  new Promise((resolve, reject) => {
    const settings = {
      port: '0',
      unixsocket: socket,
      unixsocketperm: '700',
      dir: folder,
      logfile,
      appendonly: 'yes',
      appendfsync: 'everysec',
      'maxmemory-policy': 'noeviction',
      save: '',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const server = spawn(program, options, { detached: true, stdio: 'ignore' });
    server.once('spawn', () => resolve(server));
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(null) : reject(error)));
  });
