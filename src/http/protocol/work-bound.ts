import type { FastifyReply, RouteHandlerMethod } from 'fastify';
import type { App } from '../context.ts';
import { ServiceBusy } from './errors.ts';
import { goneSignal } from './wait.ts';

/** How many requests are worked on at the same time, and how many more may wait for their turn. */
export interface Bound {
  readonly atWork: number;
  readonly waiting: number;
  /** After so many milliseconds in which a client takes nothing of its answer, its connection is closed: others wait. */
  readonly stalledMs: number;
}

/**
 * Bounds the work on all routes that are added to the scope after this: one more than may wait is refused with ServiceBusy. A request
 * is in work until its handler has ended and its answer is written, or its client has gone.
 */
export function boundWork(scope: App, bound: Bound): void {
  const places = openPlaces(bound);
  scope.addHook('onRoute', (route) => {
    const work: RouteHandlerMethod = route.handler;
    route.handler = async function inTurn(request, reply) {
      if (!(await places.take(goneSignal(reply.raw)))) return reply.hijack();
      // Of the connection: whatever it carries begins the time anew.
      reply.raw.setTimeout(bound.stalledMs, () => {
        if (reply.raw.headersSent) reply.raw.destroy();
      });
      try {
        return await work.call(this, request, reply);
      } finally {
        whenOver(reply, places.giveBack);
      }
    };
  });
}

interface Places {
  /** Resolves when there is a place: to true, or to false when `gone` aborted before. Throws ServiceBusy. */
  take(gone: AbortSignal): Promise<boolean>;
  giveBack(): void;
}

function openPlaces({ atWork, waiting }: Bound): Places {
  let free = atWork;
  /** First come, first served. */
  const line = new Set<() => void>();
  return {
    async take(gone) {
      if (free > 0) {
        free -= 1;
        return true;
      }
      if (line.size >= waiting) throw new ServiceBusy(atWork, waiting);
      return new Promise<boolean>((resolve) => {
        const called = (): void => resolve(true);
        line.add(called);
        gone.addEventListener('abort', () => resolve(!line.delete(called)), { once: true });
      });
    },
    giveBack() {
      const [next] = line;
      if (next === undefined) {
        free += 1;
        return;
      }
      line.delete(next);
      next();
    },
  };
}

function whenOver({ raw }: FastifyReply, then: () => void): void {
  if (raw.closed || raw.destroyed) then();
  else raw.once('close', then);
}
