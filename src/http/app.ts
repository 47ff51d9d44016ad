import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { Logger } from 'pino';
import { type JobsOptions, openJobs } from '../jobs/open.ts';
import type { App, Context } from './context.ts';
import { describeApi } from './openapi.ts';
import { boundConnections } from './protocol/connections/bound.ts';
import { answerClientError } from './protocol/connections/client-error.ts';
import { closeConnections } from './protocol/connections/close.ts';
import { judgeLateRequests } from './protocol/connections/late-requests.ts';
import { guardAgainstOtherSites } from './protocol/guard.ts';
import { answerUnknownRoutes } from './protocol/not-found.ts';
import { sendProblem } from './protocol/problem.ts';
import { parseQuery } from './protocol/query-string.ts';
import { requestIdOf, requestLogger } from './protocol/request-log.ts';
import { pathOf } from './protocol/request-target.ts';
import { STRICT_HEADERS, setHeaders, tellRequestId } from './protocol/response-headers.ts';
import { validateQueries } from './protocol/validation.ts';
import { addScopes, type ScopeLimits } from './scopes.ts';

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
interface Limits extends ScopeLimits {
  readonly bodyBytes: number;
  /** Until a request has arrived whole. */
  readonly requestMs: number;
  readonly headersMs: number;
  /** How often runs that somebody waits for are looked at. */
  readonly watchMs: number;
  /** How many connections there may be at the same time. */
  readonly connections: number;
}

/** `heldMs`: a proxy gives up on an answer after 60 s, and its own way to the client takes time, too. */
const LIMITS: Limits = {
  bodyBytes: 2 ** 20,
  requestMs: 10_000,
  headersMs: 5_000,
  handlerMs: 30_000,
  watchMs: 200,
  heldMs: 50_000,
  reads: { atWork: 8, waiting: 64, stalledMs: 30_000 },
  downloads: { atWork: 32, waiting: 32, stalledMs: 30_000 },
  connections: Number.POSITIVE_INFINITY,
};

/** The whole API, ready to listen or to be injected into. `close` ends what waits. */
export async function buildApp({ log, loopbackOnly, allowedHosts = [], publicUrl = null, limits, ...services }: AppOptions): Promise<App> {
  const settings = { ...LIMITS, ...limits };
  const app: App = createServer(log, settings);
  const context = await openContext(app, { ...services, publicUrl }, settings);
  app.removeAllContentTypeParsers();
  validateQueries(app);
  tellRequestId(app);
  setHeaders(app, STRICT_HEADERS);
  guardAgainstOtherSites(app, { loopbackOnly, allowedHosts: [...allowedHosts, ...hostsOf(publicUrl)] });
  app.setErrorHandler(sendProblem);
  answerUnknownRoutes(app);
  closeConnections(app);
  await describeApi(app, services.version, publicUrl ?? '/');
  await addScopes(app, context, settings);
  await app.ready();
  return app;
}

function createServer(loggerInstance: FastifyBaseLogger, { bodyBytes, requestMs, headersMs, connections }: Limits): App {
  const app: App = fastify({
    loggerInstance,
    bodyLimit: bodyBytes,
    requestTimeout: requestMs,
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
  return { ...jobs, folderLimits, heldMs };
}
