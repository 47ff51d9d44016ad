import type { FastifyInstance } from 'fastify';

export type Headers = Readonly<Record<string, string>>;

/** An answer that may do nothing in a browser. An SVG opened by itself is a document: it may style itself, and nothing else. */
export const STRICT_HEADERS: Headers = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/** Sets these headers on every answer of a scope, over those of the scopes around it. */
export function setHeaders(scope: FastifyInstance, headers: Headers): void {
  scope.addHook('onRequest', async (_, reply) => {
    reply.headers(headers);
  });
}

/** So that a client can say which request it means. */
export function tellRequestId(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ id }, reply) => {
    reply.header('x-request-id', id);
  });
}
