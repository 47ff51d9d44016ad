import type { App, Context } from './context.ts';
import { addCapabilitiesRoute } from './routes/capabilities.ts';
import { addCheckpointRoutes } from './routes/checkpoints.ts';
import { addCurvesRoute } from './routes/curves.ts';
import { addDocsRoutes } from './routes/docs.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addHistoryRoute } from './routes/history.ts';
import { addJobRoute } from './routes/job.ts';
import { addJobActionRoutes } from './routes/job-actions.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addManifestRoute } from './routes/manifest.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addModelRoutes } from './routes/models.ts';
import { addQueueRoutes } from './routes/queue.ts';
import { addValidateRoute } from './routes/validate.ts';

export async function addRoutes(app: App, context: Context): Promise<void> {
  addJobRoutes(app, context);
  addValidateRoute(app, context);
  addJobRoute(app, context);
  addJobActionRoutes(app, context);
  addHistoryRoute(app, context);
  addMetricsRoute(app, context);
  addCurvesRoute(app, context);
  addCheckpointRoutes(app, context);
  addModelRoutes(app, context);
  addManifestRoute(app, context);
  addQueueRoutes(app, context);
  addCapabilitiesRoute(app, context);
  addHealthRoutes(app, context);
  await addDocsRoutes(app, context);
}
