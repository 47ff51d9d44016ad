import type { FastifyInstance } from 'fastify';

/** An SVG opened by itself is a document: it may style itself, and nothing else. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
} as const;

/** The docs page brings a policy of its own. */
export function addResponseHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', HEADERS['x-content-type-options']);
    if (!request.url.startsWith('/docs')) reply.headers(HEADERS);
  });
}
