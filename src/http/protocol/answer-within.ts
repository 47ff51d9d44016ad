import type { App } from '../context.ts';
import { HandlerTimeout } from './errors.ts';

/**
 * Ends requests of a scope with HandlerTimeout whose answer has not begun after so many milliseconds. Fastify's own `handlerTimeout`
 * would also cut an answer that is being streamed by then.
 */
export function answerWithin(scope: App, milliseconds: number): void {
  scope.addHook('onRequest', async (_, reply) => {
    const timer = setTimeout(() => {
      if (!reply.sent && !reply.raw.headersSent) reply.send(new HandlerTimeout(milliseconds));
    }, milliseconds);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}
