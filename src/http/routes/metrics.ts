import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { begun } from '../../jobs/results/begun.ts';
import { tableOf } from '../../jobs/results/metrics-table.ts';
import type { App, Context } from '../context.ts';
import { sendTagged, tagOf } from '../protocol/entity-tag.ts';
import { negotiate } from '../protocol/negotiation.ts';
import { problems } from '../protocol/problem.ts';
import { streamTagged } from '../protocol/send-stream.ts';
import { conditional, idParams, inDigits, notModified } from './parameters.ts';

const TYPES = { json: 'application/json', csv: 'text/csv' } as const;

const query = z.strictObject({
  by: z.enum(['epoch', 'step']).default('epoch').describe('Everything logged at the end of each epoch, or the loss of each batch.'),
  after_step: inDigits(z.int().min(0).default(0)).describe('Only points after this optimizer step.'),
  format: z.enum(['json', 'csv']).optional().describe('Overrides the Accept header.'),
});

const points = z.object({
  by: z.enum(['epoch', 'step']),
  points: z
    .array(z.object({ epoch: z.int(), step: z.int() }).catchall(z.number().nullable()))
    .describe('Epochs and optimizer steps count from 1.'),
});

export function addMetricsRoute(app: App, { runs, version }: Context): void {
  app.get('/v1/jobs/:id/metrics', { schema: get }, async (request, reply) => {
    const { format, ...asked } = request.query;
    const type = format ? TYPES[format] : negotiate(request.headers.accept, [TYPES.json, TYPES.csv]);
    const table = tableOf(runs, await runs.read(request.params.id), asked, type === TYPES.csv ? 'csv' : 'json');
    reply.type(type).header('vary', 'accept');
    if (asked.by === 'epoch') return sendTagged(request, reply, await text(Readable.from(table.text())));
    return streamTagged(request, reply, tagOf(JSON.stringify([version, table.decidedBy])), () => begun(table.text()));
  });
}

const get = {
  operationId: 'getMetrics',
  tags: ['results'],
  summary: 'Logged numbers as points, in JSON or CSV',
  params: idParams,
  querystring: query,
  headers: conditional,
  response: {
    200: { description: 'The points.', content: { [TYPES.json]: { schema: points }, [TYPES.csv]: { schema: z.string() } } },
    304: notModified,
    ...problems,
  },
};
