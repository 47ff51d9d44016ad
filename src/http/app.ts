import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { monotonicFactory } from 'ulid';
import { NO_RUNTIME_LIMITS, type RuntimeLimits } from '../contract/runtime-limits.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { Runs } from '../runs/store.ts';
import { refuseUnacceptable } from './accept.ts';
import { answerClientError } from './client-error.ts';
import { closeConnections } from './close-connections.ts';
import type { App, Context } from './context.ts';
import { guardDataFolder } from './data-folder.ts';
import { guardAgainstOtherSites } from './guard.ts';
import { openIdempotencyKeys } from './idempotency.ts';
import { parseJsonBodies } from './json-body.ts';
import { answerUnknownRoutes } from './not-found.ts';
import { describeApi } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { parseQuery } from './query-string.ts';
import { requestIdOf, requestLogger } from './request-log.ts';
import { addResponseHeaders } from './response-headers.ts';
import { watchRevisions } from './revision-watch.ts';
import { addRoutes } from './routes.ts';
import { validateQueries } from './validation.ts';

export interface AppOptions {
  readonly runs: Runs;
  readonly queue: JobQueue;
  readonly dataDir: string;
  /** What its file system was found to do without, in sentences. None unless given. */
  readonly folderLimits?: readonly string[];
  readonly version: string;
  readonly log: FastifyBaseLogger;
  /** Answer only requests for this machine's own names. */
  readonly loopbackOnly: boolean;
  /** None unless given. */
  readonly runtime?: RuntimeLimits;
  readonly limits?: Partial<Limits>;
}

/** Times in milliseconds. */
interface Limits {
  readonly bodyBytes: number;
  /** Until a request has arrived whole. */
  readonly requestMs: number;
  readonly headersMs: number;
  /** Until it is answered. */
  readonly handlerMs: number;
  /** How often runs that somebody waits for are looked at. */
  readonly watchMs: number;
}

const LIMITS: Limits = { bodyBytes: 2 ** 20, requestMs: 10_000, headersMs: 5_000, handlerMs: 30_000, watchMs: 200 };
const SWEEP_MS = 3_600_000;

/** The whole API, ready to listen or to be injected into. `close` ends what waits. */
export async function buildApp({ log, loopbackOnly, limits, ...services }: AppOptions): Promise<App> {
  const settings = { ...LIMITS, ...limits };
  const app: App = createServer(log, settings);
  const context = await openContext(app, services, settings);
  parseJsonBodies(app);
  validateQueries(app);
  addResponseHeaders(app);
  guardAgainstOtherSites(app, { loopbackOnly });
  refuseUnacceptable(app);
  app.setErrorHandler(sendProblem);
  answerUnknownRoutes(app);
  closeConnections(app);
  await describeApi(app, services.version);
  await addRoutes(app, context);
  await app.ready();
  return app;
}

const createServer = (loggerInstance: FastifyBaseLogger, { bodyBytes, requestMs, headersMs, handlerMs }: Limits): App =>
  fastify({
    loggerInstance,
    bodyLimit: bodyBytes,
    requestTimeout: requestMs,
    handlerTimeout: handlerMs,
    // Node looks only as often as this for requests that are too slow.
    http: { headersTimeout: headersMs, connectionsCheckingInterval: Math.min(1_000, requestMs) },
    routerOptions: { querystringParser: parseQuery },
    genReqId: requestIdOf,
    logController: new LogController({ requestIdLogLabel: 'request_id' }),
    childLoggerFactory: requestLogger,
    clientErrorHandler: answerClientError,
    frameworkErrors: (...fault) => void sendProblem(...fault),
  });

async function openContext(app: App, services: Omit<AppOptions, 'log' | 'loopbackOnly' | 'limits'>, { watchMs }: Limits): Promise<Context> {
  const { runs, dataDir, queue } = services;
  const folder = await guardDataFolder(app, dataDir, queue);
  const keys = await openIdempotencyKeys(dataDir);
  const watch = watchRevisions(async (id) => (await runs.read(id)).revision, watchMs);
  const sweep = (): void =>
    void keys.sweep().catch((error: unknown) => app.log.error({ err: error }, 'expired idempotency keys were not removed'));
  const sweeping = setInterval(sweep, SWEEP_MS).unref();
  sweep();
  app.addHook('preClose', async () => {
    clearInterval(sweeping);
    watch.close();
  });
  const { folderLimits = [] } = services;
  return { ...services, folderLimits, folder, runtime: services.runtime ?? NO_RUNTIME_LIMITS, keys, watch, newJobId: newJobIds() };
}

function newJobIds(): () => string {
  const next = monotonicFactory();
  return () => `job_${next()}`;
}
