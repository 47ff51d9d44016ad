import { z } from 'zod';
import { type Job, jobSchema } from '../../contract/job.ts';
import { presentJob } from '../../jobs/resource.ts';
import { readWhenChanged } from '../../jobs/watch.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { matchesTag, sendTagged } from '../protocol/entity-tag.ts';
import { problems } from '../protocol/problem.ts';
import { goneSignal, MAX_WAIT_SECONDS, waitSecondsOf } from '../protocol/wait.ts';
import { conditional, idParams, inDigits, notModified } from './parameters.ts';

export function addJobRoute(app: App, context: Context): void {
  app.get('/v1/jobs/:id', { schema: get }, async (request, reply) => {
    const { prefer, 'if-none-match': ifNoneMatch } = request.headers;
    const seconds = waitSecondsOf(context.heldMs, request.query.wait, prefer);
    const isKnown = ifNoneMatch === undefined ? null : (revision: number) => matchesTag(ifNoneMatch, `"${revision}"`);
    const run = await readWhenChanged(context, request.params.id, isKnown, seconds, goneSignal(reply.raw));
    const job = await presentJob(context, run);
    if (request.query.wait === undefined && seconds > 0) reply.header('preference-applied', `wait=${Math.floor(seconds)}`);
    return sendTagged(request, reply.type('application/json'), JSON.stringify(job), tagOf(job));
  });
}

/** Whoever knows the revision that a run had is told all the same that it is damaged now. */
const tagOf = ({ state, revision }: Job): string => (state === 'damaged' ? `"damaged-${revision}"` : `"${revision}"`);

const get = {
  operationId: 'getJob',
  tags: ['jobs'],
  summary: 'One job',
  description:
    'The ETag is the revision, which rises at the end of each epoch and with every change of state; progress within an epoch does not change it. ' +
    'With `wait` the answer is held until the revision is not that of If-None-Match, or of the arrival, any more, but no longer than `wait_seconds` of /v1/capabilities, which is less than the 60 seconds that proxies allow. A job that has ended is never waited for.',
  params: idParams,
  querystring: z.strictObject({
    wait: inDigits(z.int().min(0).max(MAX_WAIT_SECONDS).optional()).describe('Seconds; the answer may come sooner.'),
  }),
  headers: conditional.extend({ prefer: z.string().optional().describe('`wait=30` does what the parameter does.') }),
  response: { 200: jsonAnswer('The job.', jobSchema), 304: notModified, ...problems },
};
