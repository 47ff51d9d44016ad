import type { App, Context } from './context.ts';
import { answerWithin } from './protocol/answer-within.ts';
import { parseJsonBodies } from './protocol/json-body.ts';
import { setHeaders } from './protocol/response-headers.ts';
import { type Bound, boundWork } from './protocol/work-bound.ts';
import { addCapabilitiesRoute } from './routes/capabilities.ts';
import { addCheckpointRoutes } from './routes/checkpoints.ts';
import { addCurvesRoute } from './routes/curves.ts';
import { addDocsRoutes, DOCS_HEADERS } from './routes/docs.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addHistoryRoute } from './routes/history.ts';
import { addJobRoute } from './routes/job.ts';
import { addJobActionRoutes } from './routes/job-actions.ts';
import { addJobListRoute } from './routes/job-list.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addManifestRoute } from './routes/manifest.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addModelRoutes } from './routes/models.ts';
import { addOpenApiRoute } from './routes/openapi.ts';
import { addQueueRoutes } from './routes/queue.ts';
import { addValidateRoute } from './routes/validate.ts';

/** Times in milliseconds. */
export interface ScopeLimits {
  /** Until an answer begins. */
  readonly handlerMs: number;
  /** How long an answer is held at most. */
  readonly heldMs: number;
  /** Reads that grow with the length of a job, or with the number of jobs. */
  readonly reads: Bound;
  /** Downloads of models. */
  readonly downloads: Bound;
}

/** From the end of a wait to the answer. */
const ANSWERED_MS = 5_000;

/*
 *   everything    headers for an answer that may do nothing in a browser
 *   ├── docs         headers of its own, for a page; no bodies
 *   └── api          bodies of JSON
 *       ├── service     answers without the data folder
 *       └── jobs        only while the data folder is that of the queue
 *           ├── plain      small and soon
 *           ├── held       answered when something has changed
 *           ├── reads      so many at the same time
 *           └── downloads  so many at the same time, and fewer of them
 *
 * A scope decides for its routes which bodies are taken, which headers are set, how long an answer may take, and how many are worked
 * on at once.
 */
export async function addScopes(app: App, context: Context, limits: ScopeLimits): Promise<void> {
  await app.register(async (docs) => {
    setHeaders(docs, DOCS_HEADERS);
    answerWithin(docs, limits.handlerMs);
    await addDocsRoutes(docs, context);
  });

  await app.register(async (api) => {
    parseJsonBodies(api);

    await api.register(async (jobs) => {
      // From another folder an accepted job would be answered 404, and a new one be lost.
      jobs.addHook('preHandler', context.folder.check);
      await addJobScopes(jobs, context, limits);
    });

    await api.register(async (service) => {
      answerWithin(service, limits.handlerMs);
      addValidateRoute(service, context);
      addQueueRoutes(service, context);
      addCapabilitiesRoute(service, context);
      addHealthRoutes(service, context);
      addOpenApiRoute(service);
    });
  });
}

async function addJobScopes(jobs: App, context: Context, { handlerMs, heldMs, ...bounds }: ScopeLimits): Promise<void> {
  await jobs.register(async (plain) => {
    answerWithin(plain, handlerMs);
    addJobRoutes(plain, context);
    addJobActionRoutes(plain, context);
    addCheckpointRoutes(plain, context);
    addManifestRoute(plain, context);
  });

  await jobs.register(async (held) => {
    answerWithin(held, heldMs + ANSWERED_MS);
    addJobRoute(held, context);
  });

  await jobs.register(async (reads) => {
    answerWithin(reads, handlerMs);
    boundWork(reads, bounds.reads);
    addJobListRoute(reads, context);
    addHistoryRoute(reads, context);
    addMetricsRoute(reads, context);
    addCurvesRoute(reads, context);
  });

  await jobs.register(async (downloads) => {
    answerWithin(downloads, handlerMs);
    boundWork(downloads, bounds.downloads);
    addModelRoutes(downloads, context);
  });
}
