import { z } from 'zod';
import { jobSchema } from '../../contract/job.ts';
import { specShape } from '../../contract/spec.ts';
import { acceptSpec } from '../../jobs/accept.ts';
import { deleteJob } from '../../jobs/actions.ts';
import { submit } from '../../jobs/submit.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { IDEMPOTENCY_KEY, idempotencyKeyOf } from '../protocol/idempotency-key.ts';
import { problems } from '../protocol/problem.ts';
import { idParams } from './parameters.ts';

const TAGS = ['jobs'];

export function addJobRoutes(app: App, context: Context): void {
  app.post('/v1/jobs', { schema: create }, async (request, reply) => {
    const accepted = await acceptSpec(request.body, context.runtime);
    const { job, replayed } = await submit(context, accepted, idempotencyKeyOf(request.headers));
    if (replayed) reply.header('idempotent-replayed', 'true');
    request.log.info({ job_id: job.id, replayed }, 'a job was accepted');
    return reply
      .status(202)
      .header('location', job.links.self ?? '')
      .send(job);
  });

  app.delete('/v1/jobs/:id', { schema: remove }, async ({ params: { id } }, reply) => {
    await deleteJob(context, id);
    return reply.status(204).send(null);
  });
}

const create = {
  operationId: 'createJob',
  tags: TAGS,
  summary: 'Train a model',
  description: 'Only `dataset` is required: everything else defaults to the IMDB notebook.',
  headers: z.object({
    'idempotency-key': z
      .string()
      .regex(IDEMPOTENCY_KEY)
      .optional()
      .describe('1 to 255 printable characters. Sent again within 24 hours it gives the first answer again.'),
  }),
  body: specShape,
  response: { 202: jsonAnswer('Queued. `Location` says where the job is.', jobSchema), ...problems },
};

const remove = {
  operationId: 'deleteJob',
  tags: TAGS,
  summary: 'Remove a job that has ended, with everything that belongs to it',
  params: idParams,
  response: { 204: z.null().describe('Gone.'), ...problems },
};
