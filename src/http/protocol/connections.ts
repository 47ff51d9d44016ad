import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { App } from '../context.ts';
import { refuseConnection } from './client-error.ts';

/** Of the files that this process may have open: the rest is for run directories, Redis and the log. */
const SHARE = 0.6;

/**
 * Keeps connections below the number of files that this process may have open. When there is no room for one more, the one that has
 * been idle longest is closed for it: whoever holds connections without asking anything must not keep others from being answered.
 */
export function boundConnections(app: App, most: number): void {
  /** Open requests of each connection, the one that has been without any for longest first. */
  const open = new Map<Socket, number>();
  app.server.prependListener('connection', (socket: Socket) => {
    open.set(socket, 0);
    socket.once('close', () => open.delete(socket));
    if (open.size <= most) return;
    const idle = longestIdle(open);
    if (idle === socket) refuseConnection(socket);
    else idle?.destroy();
  });
  app.server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    change(open, socket, 1);
    response.once('close', () => change(open, socket, -1));
  });
}

function longestIdle(open: ReadonlyMap<Socket, number>): Socket | null {
  for (const [socket, requests] of open) if (requests === 0) return socket;
  return null;
}

/** Also moves the connection to the end of the line. */
function change(open: Map<Socket, number>, socket: Socket, by: 1 | -1): void {
  const requests = open.get(socket);
  if (requests === undefined) return;
  open.delete(socket);
  open.set(socket, requests + by);
}

/** Node raises the soft limit to the hard one when it starts. Where there is no such file, files are not what is short. */
export function mostConnections(): number {
  try {
    const [, hard] = /^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Math.floor(SHARE * Number(hard ?? Number.POSITIVE_INFINITY));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
