import type { FastifyInstance } from 'fastify';

/** Longer than an answer takes that nobody is held for. */
const GRACE_MS = 2_000;

/**
 * Lets the service close: answers that are still owed end their connections, and after a grace period what is left is cut, such as
 * connections on which no request ever came.
 */
export function closeConnections(app: FastifyInstance): void {
  let closing: NodeJS.Timeout | null = null;
  app.addHook('preClose', async () => {
    closing = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
  });
  app.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('onClose', async () => {
    if (closing) clearTimeout(closing);
  });
}
