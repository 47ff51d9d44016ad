import { connect, type Socket } from 'node:net';

/*
 * Just enough of Redis' protocol (inline commands) to see whether a server answers and to end it, without a client that
 * reconnects: here the closed connection is the news. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

const PING_INTERVAL_MS = 50;

/** A connection to a Redis that answers. */
export interface RedisConnection {
  /** Resolves when Redis is gone. */
  readonly closed: Promise<void>;
  /** Asks Redis to write everything to disk and end. */
  shutDown(): void;
}

/**
 * The connection once Redis has loaded its data and answers; null when nobody listens there, or no longer. Throws when
 * somebody listens and does not answer within `timeoutMs`.
 */
export async function connectRedis(path: string, timeoutMs: number): Promise<RedisConnection | null> {
  const socket = connect(path);
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const outcome = await Promise.race([pinged(socket, timeoutMs), failed, closed]);
  if (outcome === 'ready') return { closed, shutDown: () => void socket.write('SHUTDOWN\r\n') };
  socket.destroy();
  if (outcome === 'silent') throw new Error(`${path}: somebody listens there, but gave no PONG within ${timeoutMs} ms`);
  if (outcome === undefined || ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(outcome.code ?? '')) return null;
  throw outcome;
}

/** A Redis that loads its data answers -LOADING. */
const pinged = (socket: Socket, timeoutMs: number): Promise<'ready' | 'silent'> =>
  new Promise((resolve) => {
    const ping = setInterval(() => socket.write('PING\r\n'), PING_INTERVAL_MS);
    const timer = setTimeout(() => end('silent'), timeoutMs);
    const end = (outcome: 'ready' | 'silent'): void => {
      clearInterval(ping);
      clearTimeout(timer);
      resolve(outcome);
    };
    socket.write('PING\r\n');
    socket.on('data', (reply) => reply.includes('+PONG') && end('ready'));
    socket.once('close', () => end('silent'));
  });
