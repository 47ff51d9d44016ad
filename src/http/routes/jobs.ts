import { z } from 'zod';
import { JOB_STATES, jobSchema } from '../../contract/job.ts';
import { specShape } from '../../contract/spec.ts';
import { acceptSpec } from '../../jobs/accept.ts';
import { deleteJob } from '../../jobs/actions.ts';
import { listJobs, SORTS } from '../../jobs/list.ts';
import { submit } from '../../jobs/submit.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { decodeCursor, encodeCursor, nextLink } from '../protocol/cursor.ts';
import { IDEMPOTENCY_KEY, idempotencyKeyOf } from '../protocol/idempotency-key.ts';
import { problems } from '../protocol/problem.ts';
import { idParams, inDigits } from './parameters.ts';

const TAGS = ['jobs'];

/** Jobs on one page. */
export const MAX_PAGE = 100;

const listQuery = z.strictObject({
  state: z.enum(JOB_STATES).optional(),
  created_after: z.iso.datetime({ offset: true }).optional(),
  created_before: z.iso.datetime({ offset: true }).optional(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((filters) => Object.keys(filters).length <= 32, 'expected at most 32 entries')
    .optional()
    .describe('metadata[key]=value: jobs with all of these.')
    .meta({ style: 'deepObject', explode: true }),
  sort: z.enum(SORTS).default('-created_at'),
  limit: inDigits(z.int().min(1).max(MAX_PAGE).default(20)),
  cursor: z.string().min(1).optional().describe('next_cursor of the page before.'),
});

const jobPage = z.object({
  data: z.array(jobSchema),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
});

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

  app.get('/v1/jobs', { schema: list }, async (request, reply) => {
    const { cursor, sort } = request.query;
    const { data, next } = await listJobs(context, request.query, cursor === undefined ? null : decodeCursor(cursor, sort));
    const next_cursor = next === null ? null : encodeCursor(sort, next);
    if (next_cursor !== null) reply.header('link', nextLink(`${context.baseUrl}${request.url}`, next_cursor));
    return { data, has_more: next !== null, next_cursor };
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

const list = {
  operationId: 'listJobs',
  tags: TAGS,
  summary: 'Jobs, newest first',
  querystring: listQuery,
  response: { 200: jsonAnswer('One page. `Link` holds the next one.', jobPage), ...problems },
};

const remove = {
  operationId: 'deleteJob',
  tags: TAGS,
  summary: 'Remove a job that has ended, with everything that belongs to it',
  params: idParams,
  response: { 204: z.null().describe('Gone.'), ...problems },
};
