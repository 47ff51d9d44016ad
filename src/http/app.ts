import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { Logger } from 'pino';
import { type JobsOptions, openJobs } from '../jobs/open.ts';
import type { App, Context } from './context.ts';
import { describeApi } from './openapi.ts';
import { answerClientError } from './protocol/client-error.ts';
import { closeConnections } from './protocol/close-connections.ts';
import { boundConnections, mostConnections } from './protocol/connections.ts';
import { guardAgainstOtherSites } from './protocol/guard.ts';
import { parseJsonBodies } from './protocol/json-body.ts';
import { judgeLateRequests } from './protocol/late-requests.ts';
import { answerUnknownRoutes } from './protocol/not-found.ts';
import { sendProblem } from './protocol/problem.ts';
import { parseQuery } from './protocol/query-string.ts';
import { requestIdOf, requestLogger } from './protocol/request-log.ts';
import { pathOf } from './protocol/request-target.ts';
import { addResponseHeaders } from './protocol/response-headers.ts';
import { validateQueries } from './protocol/validation.ts';
import { addRoutes } from './routes.ts';

export interface AppOptions extends Omit<JobsOptions, 'baseUrl'> {
  /** What the file system of the data folder was found to do without, in sentences. None unless given. */
  readonly folderLimits?: readonly string[];
  readonly log: FastifyBaseLogger;
  /** Answer only requests for this machine's own names. */
  readonly loopbackOnly: boolean;
  readonly allowedHosts?: readonly string[];
  /** Where clients find this service, without a slash at its end; links begin with it. */
  readonly publicUrl?: string | null;
  readonly limits?: Partial<Limits>;
}

/** Of one process. Times in milliseconds. */
interface Limits {
  readonly bodyBytes: number;
  /** Until a request has arrived whole. */
  readonly requestMs: number;
  readonly headersMs: number;
  /** Until it is answered. */
  readonly handlerMs: number;
  /** How often runs that somebody waits for are looked at. */
  readonly watchMs: number;
  /** How long an answer is held at most. */
  readonly heldMs: number;
  /** How many connections there may be at the same time. */
  readonly connections: number;
}

/** `heldMs`: a proxy gives up on an answer after 60 s, and its own way to the client takes time, too. */
const LIMITS = { bodyBytes: 2 ** 20, requestMs: 10_000, headersMs: 5_000, handlerMs: 30_000, watchMs: 200, heldMs: 50_000 };

/** The whole API, ready to listen or to be injected into. `close` ends what waits. */
export async function buildApp({ log, loopbackOnly, allowedHosts = [], publicUrl = null, limits, ...services }: AppOptions): Promise<App> {
  const settings = { ...LIMITS, connections: mostConnections(), ...limits };
  const app: App = createServer(log, settings);
  const context = await openContext(app, { ...services, publicUrl }, settings);
  parseJsonBodies(app);
  validateQueries(app);
  addResponseHeaders(app);
  guardAgainstOtherSites(app, { loopbackOnly, allowedHosts: [...allowedHosts, ...hostsOf(publicUrl)] });
  app.setErrorHandler(sendProblem);
  answerUnknownRoutes(app);
  closeConnections(app);
  await describeApi(app, services.version, publicUrl ?? '/');
  await addRoutes(app, context);
  await app.ready();
  return app;
}

function createServer(loggerInstance: FastifyBaseLogger, { bodyBytes, requestMs, headersMs, handlerMs, connections }: Limits): App {
  const app: App = fastify({
    loggerInstance,
    bodyLimit: bodyBytes,
    requestTimeout: requestMs,
    handlerTimeout: handlerMs,
    // Node looks only as often as this for requests that are too slow.
    http: { headersTimeout: headersMs, connectionsCheckingInterval: Math.min(1_000, requestMs) },
    routerOptions: { querystringParser: parseQuery, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    rewriteUrl: pathOf,
    genReqId: requestIdOf,
    logController: new LogController({ requestIdLogLabel: 'request_id' }),
    childLoggerFactory: requestLogger,
    clientErrorHandler: (error, socket) => void answerClientError(error, socket, isLate),
    frameworkErrors: (...fault) => void sendProblem(...fault),
  });
  const isLate = judgeLateRequests(app, requestMs);
  boundConnections(app, connections);
  return app;
}

function hostsOf(url: string | null): string[] {
  if (url === null) return [];
  const { host, hostname } = new URL(url);
  return [host, hostname];
}

async function openContext(
  app: App,
  { folderLimits = [], publicUrl, ...services }: Omit<AppOptions, 'log' | 'loopbackOnly' | 'allowedHosts' | 'limits'>,
  { watchMs, heldMs }: Limits,
): Promise<Context> {
  const jobs = await openJobs({ ...services, baseUrl: publicUrl ?? '' }, app.log as Logger, watchMs);
  app.addHook('preClose', async () => jobs.close());
  // From another folder an accepted job would be answered 404, and a new one be lost.
  app.addHook('preHandler', async ({ routeOptions: { url = '' } }) => {
    if (/^\/v1\/jobs(?!\/validate)/.test(url)) await jobs.folder.check();
  });
  return { ...jobs, folderLimits, heldMs };
}
