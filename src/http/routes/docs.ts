import swaggerUi from '@fastify/swagger-ui';
import type { App, Context } from '../context.ts';
import { type Headers, STRICT_HEADERS } from '../protocol/response-headers.ts';

/** Its own assets and nothing from elsewhere. No upgrade to https: this may be a plain-http network. */
const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'";

export const DOCS_HEADERS: Headers = { ...STRICT_HEADERS, 'content-security-policy': POLICY };

/** The description as a page. */
export async function addDocsRoutes(docs: App, { baseUrl }: Context): Promise<void> {
  // The page itself links relatively; its redirects do not.
  docs.addHook('onSend', async (_, reply) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string') reply.header('location', `${baseUrl}${location}`);
  });
  await docs.register(swaggerUi, { routePrefix: '/docs', uiConfig: { displayRequestDuration: true, validatorUrl: null } });
}
