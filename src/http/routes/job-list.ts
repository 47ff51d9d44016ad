import { z } from 'zod';
import { JOB_STATES, jobSchema } from '../../contract/job.ts';
import { listJobs, SORTS } from '../../jobs/list.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { decodeCursor, encodeCursor, nextLink } from '../protocol/cursor.ts';
import { problems } from '../protocol/problem.ts';
import { inDigits } from './parameters.ts';

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

export function addJobListRoute(app: App, context: Context): void {
  app.get('/v1/jobs', { schema: list }, async (request, reply) => {
    const { cursor, sort } = request.query;
    const { data, next } = await listJobs(context, request.query, cursor === undefined ? null : decodeCursor(cursor, sort));
    const next_cursor = next === null ? null : encodeCursor(sort, next);
    if (next_cursor !== null) reply.header('link', nextLink(`${context.baseUrl}${request.url}`, next_cursor));
    return { data, has_more: next !== null, next_cursor };
  });
}

const list = {
  operationId: 'listJobs',
  tags: ['jobs'],
  summary: 'Jobs, newest first',
  querystring: listQuery,
  response: { 200: jsonAnswer('One page. `Link` holds the next one.', jobPage), ...problems },
};
