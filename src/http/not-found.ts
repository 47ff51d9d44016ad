import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MethodNotAllowed, RouteNotFound } from './errors.ts';

/** Answers 404 to paths that no route has and, from the routes added after this call, 405 with Allow to paths that have other methods. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const routes: { readonly methods: readonly string[]; readonly pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), pattern: patternOf(url) });
  });
  const refuse = ({ method, url }: FastifyRequest): never => {
    const path = url.split('?', 1)[0] ?? '';
    const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort();
    if (allowed.length > 0 && !allowed.includes(method)) throw new MethodNotAllowed(method, path, allowed);
    throw new RouteNotFound(`nothing is at ${path}: see /docs for what there is`);
  };
  // Before a body is looked at that nobody would take.
  app.addHook('onRequest', async (request) => {
    if (request.is404) refuse(request);
  });
  // For files of the docs page that are not there: only its route knows.
  app.setNotFoundHandler(refuse);
}

/** "/v1/jobs/:id" as an expression; a star stands for anything. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:[^/]+/g, '[^/]+')
      .replace(/\*/g, '.*')}$`,
  );
