import type { FastifyInstance } from 'fastify';
import { HostNotAllowed } from './errors.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * A page on another site must not act here through its visitor's browser. With `loopbackOnly` the Host header must name this machine:
 * otherwise a name under foreign control that resolves to 127.0.0.1 would make such a page a page of this site (DNS rebinding).
 */
export function guardAgainstOtherSites(app: FastifyInstance, { loopbackOnly }: { readonly loopbackOnly: boolean }): void {
  app.addHook('onRequest', async ({ method, headers }) => {
    if (loopbackOnly && !LOOPBACK.test(headers.host ?? '')) {
      throw new HostNotAllowed(`Host: ${headers.host ?? ''}: this service listens for its own machine only, expected localhost`);
    }
    if (headers['sec-fetch-site'] === 'cross-site' && !SAFE_METHODS.includes(method)) {
      throw new HostNotAllowed(`Origin: ${headers.origin ?? ''}: a page of another site must not change anything here`);
    }
  });
}
