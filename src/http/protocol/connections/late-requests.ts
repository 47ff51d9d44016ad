import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextRound } from 'node:timers/promises';
import type { App } from '../../context.ts';

const TICK_MS = 250;
/** A tick that comes so much too late tells that this process was frozen. */
const FROZEN_MS = 500;

/** Tells whether the request that Node takes for late has not come, although this process has looked. */
export type IsLate = (socket: Socket) => Promise<boolean>;

/**
 * Node counts the time that a request takes to arrive by the clock, and judges before it reads: after this process was frozen, what
 * lies ready in the kernel would be late. So that is read first, and a client that nobody listened to gets `requestMs` anew.
 */
export function judgeLateRequests(app: App, requestMs: number): IsLate {
  const newest = new WeakMap<Socket, IncomingMessage>();
  app.server.prependListener('request', (request: IncomingMessage) => newest.set(request.socket, request));
  const wasFrozen = watchForFreezes(app, requestMs);

  return async (socket) => {
    const before = newest.get(socket);
    const awaited = before?.complete === false ? before : null;
    const hasCome = (): boolean => {
      const request = newest.get(socket);
      return awaited === null ? request !== before && request?.complete === true : awaited.complete;
    };
    const mayBeOurFault = wasFrozen();
    // One round until what was ready is read, one for what it causes.
    await nextRound();
    await nextRound();
    if (mayBeOurFault && !hasCome()) await delay(requestMs);
    return !hasCome();
  };
}

/** Tells whether this process was frozen within the last `recentMs`. */
function watchForFreezes(app: App, recentMs: number): () => boolean {
  let seen = performance.now();
  let frozenAt = Number.NEGATIVE_INFINITY;
  const look = (): void => {
    const now = performance.now();
    if (now - seen > TICK_MS + FROZEN_MS) frozenAt = now;
    seen = now;
  };
  const timer = setInterval(look, TICK_MS).unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return () => {
    look();
    return seen - frozenAt < recentMs;
  };
}
