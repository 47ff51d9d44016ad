import swaggerUi from '@fastify/swagger-ui';
import { z } from 'zod';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';

/** Its own assets and nothing from elsewhere. No upgrade to https: this may be a plain-http network. */
const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'";

export async function addDocsRoutes(app: App, { baseUrl }: Context): Promise<void> {
  app.get('/openapi.json', { schema: openapi }, async () => app.swagger());
  await app.register(async (docs) => {
    // The page itself links relatively; its redirects do not.
    docs.addHook('onSend', async (_, reply) => {
      const location = reply.getHeader('location');
      if (typeof location === 'string') reply.header('location', `${baseUrl}${location}`);
    });
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: POLICY,
      uiConfig: { displayRequestDuration: true, validatorUrl: null },
    });
  });
}

const openapi = {
  operationId: 'getOpenApi',
  tags: ['service'],
  summary: 'This description',
  response: { 200: jsonAnswer('OpenAPI 3.1.', z.unknown()), ...problems },
};
