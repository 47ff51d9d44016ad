import { jobSchema } from '../../contract/job.ts';
import { cancelJob, retryJob } from '../../jobs/actions.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';
import { idParams } from './parameters.ts';

export function addJobActionRoutes(app: App, context: Context): void {
  app.post('/v1/jobs/:id/cancel', { schema: cancel }, async ({ params: { id } }, reply) => {
    const { job, changed } = await cancelJob(context, id);
    return reply.status(changed ? 202 : 200).send(job);
  });

  app.post('/v1/jobs/:id/retry', { schema: retry }, async ({ params: { id } }, reply) => {
    const { job, changed } = await retryJob(context, id);
    return reply.status(changed ? 202 : 200).send(job);
  });
}

const cancel = {
  operationId: 'cancelJob',
  tags: ['jobs'],
  summary: 'Stop a job',
  description: 'A waiting job is cancelled at once, a running one after the batch in work.',
  params: idParams,
  response: {
    202: jsonAnswer('It will stop.', jobSchema),
    200: jsonAnswer('It was being cancelled, or was cancelled, already.', jobSchema),
    ...problems,
  },
};

const retry = {
  operationId: 'retryJob',
  tags: ['jobs'],
  summary: 'Queue a failed or cancelled job again',
  description: 'It goes on from its last checkpoint.',
  params: idParams,
  response: {
    202: jsonAnswer('Queued again.', jobSchema),
    200: jsonAnswer('It was waiting or running already.', jobSchema),
    ...problems,
  },
};
