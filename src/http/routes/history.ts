import { z } from 'zod';
import { kerasHistory } from '../../jobs/results/keras-history.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { sendTagged } from '../protocol/entity-tag.ts';
import { problems } from '../protocol/problem.ts';
import { conditional, idParams, notModified } from './parameters.ts';

const history = z.object({
  epoch: z.array(z.int()).describe('From 1.'),
  history: z.record(z.string(), z.array(z.number().nullable())).describe('loss, accuracy, val_loss, ...: one value for each epoch.'),
});

export function addHistoryRoute(app: App, { runs }: Context): void {
  app.get('/v1/jobs/:id/history', { schema: get }, async (request, reply) => {
    const run = await runs.read(request.params.id);
    return sendTagged(request, reply.type('application/json'), JSON.stringify(kerasHistory(await runs.readHistory(run.id), run.spec)));
  });
}

const get = {
  operationId: 'getHistory',
  tags: ['results'],
  summary: "Keras' History: what was logged at the end of each epoch",
  params: idParams,
  headers: conditional,
  response: { 200: jsonAnswer('The history.', history), 304: notModified, ...problems },
};
