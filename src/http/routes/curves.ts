import { z } from 'zod';
import { curvesSvg } from '../../jobs/results/curves.ts';
import type { App, Context } from '../context.ts';
import { answer } from '../protocol/answer.ts';
import { sendTagged } from '../protocol/entity-tag.ts';
import { problems } from '../protocol/problem.ts';
import { conditional, idParams, notModified } from './parameters.ts';

const SVG = 'image/svg+xml';

export function addCurvesRoute(app: App, { runs }: Context): void {
  app.get('/v1/jobs/:id/curves.svg', { schema: get }, async (request, reply) => {
    const run = await runs.read(request.params.id);
    return sendTagged(request, reply.type(SVG), curvesSvg(run, await runs.readHistory(run.id)));
  });
}

const get = {
  operationId: 'getCurves',
  tags: ['results'],
  summary: 'The plot of loss and val_loss over the epochs',
  params: idParams,
  headers: conditional,
  response: { 200: answer('The plot.', SVG, z.string()), 304: notModified, ...problems },
};
