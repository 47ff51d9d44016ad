import type { FastifyInstance } from 'fastify';
import { MethodNotAllowed, RouteNotFound } from './errors.ts';
import { sendProblem } from './problem.ts';

/** Answers 404 to paths that no route has and, from the routes added after this call, 405 with Allow to paths that have other methods. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const routes: { readonly methods: readonly string[]; readonly pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), pattern: patternOf(url) });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort();
    const isAnotherMethod = allowed.length > 0 && !allowed.includes(request.method);
    const error = isAnotherMethod
      ? new MethodNotAllowed(request.method, path, allowed)
      : new RouteNotFound(`nothing is at ${path}: see /docs for what there is`);
    return sendProblem(error, request, reply);
  });
}

/** "/v1/jobs/:id" as an expression; a star stands for anything. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:[^/]+/g, '[^/]+')
      .replace(/\*/g, '.*')}$`,
  );
