import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { App } from '../../context.ts';
import { refuseConnection } from './client-error.ts';

/**
 * Keeps the number of connections. When there is no room for one more, the one that has
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
