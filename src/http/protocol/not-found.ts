import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MethodNotAllowed, RouteNotFound } from './errors.ts';

interface Route {
  readonly url: string;
  readonly methods: readonly string[];
  readonly pattern: RegExp;
}

/**
 * Answers 404 to paths that no route has and, from the routes added after this call, 405 with Allow to paths that have other methods:
 * also to a path of its own that a route with a parameter would take, as /v1/jobs/:id takes GET /v1/jobs/validate.
 */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ url, methods: [method].flat(), pattern: patternOf(url) });
  });
  const refuse = (request: FastifyRequest): never => {
    const path = pathOf(request);
    refuseMethod(request, path, routes);
    throw new RouteNotFound(`nothing is at ${path}: see /docs for what there is`);
  };
  // Before a body is looked at that nobody would take.
  app.addHook('onRequest', async (request) => {
    if (request.is404) refuse(request);
    const { url = '' } = request.routeOptions;
    const path = pathOf(request);
    if (url.includes(':')) refuseMethod(request, path, shadowed(url));
  });
  // For files of the docs page that are not there: only its route knows.
  app.setNotFoundHandler(refuse);

  const shadows = new Map<string, readonly Route[]>();
  /** The routes without a parameter whose path a route with one takes, too. */
  function shadowed(url: string): readonly Route[] {
    const found = shadows.get(url) ?? routes.filter((route) => !/[:*]/.test(route.url) && patternOf(url).test(route.url));
    shadows.set(url, found);
    return found;
  }
}

function refuseMethod({ method }: FastifyRequest, path: string, routes: readonly Route[]): void {
  const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort();
  if (allowed.length > 0 && !allowed.includes(method)) throw new MethodNotAllowed(method, path, allowed);
}

/** As the router sees it: decoded, without the query. */
function pathOf({ url }: FastifyRequest): string {
  const path = url.split('?', 1)[0] ?? '';
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** "/v1/jobs/:id" as an expression; a star stands for anything. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/\/$/, '')
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:[^/]+/g, '[^/]+')
      .replace(/\*/g, '.*')}/?$`,
  );
