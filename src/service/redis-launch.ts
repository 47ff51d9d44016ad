import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
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

/**
 * The Redis at this place: the one that runs there, or a new one, which begins anew where it cannot read its own file. Throws
 * RedisMissing, RedisNotStarted, and when one hangs.
 */
export async function reachRedis(place: RedisPlace, log: Pick<Logger, 'error'>): Promise<RedisConnection> {
  const running = await connectRedis(place.socket, ANSWER_MS);
  if (running) return running;
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  try {
    return await untilReady(place, await launch(place));
  } catch (error) {
    if (!(error instanceof RedisNotStarted) || !DAMAGED.test(error.message)) throw error;
    const aside = await setAside(place);
    log.error({ err: error, aside }, 'what redis kept is damaged and was set aside: the queue is made again from the runs');
    return untilReady(place, await launch(place));
  }
}

/** Said of a file whose end a power cut took, or filled with zeros: redis itself mends only the former. Runs are not in it. */
const DAMAGED = /(?:Bad file format|Unexpected end of file) reading the append only file/;

async function setAside({ folder }: RedisPlace): Promise<string> {
  const aside = join(folder, 'damaged');
  await rm(aside, { recursive: true, force: true });
  await rename(join(folder, 'appendonlydir'), aside);
  return aside;
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
