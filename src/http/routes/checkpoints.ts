import { z } from 'zod';
import type { Which } from '../../contract/checkpoint.ts';
import { checkpointSchema, WHICH } from '../../contract/checkpoint.ts';
import { presentCheckpoint, presentCheckpoints } from '../../jobs/results/checkpoints.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';
import { idParams } from './parameters.ts';

export function addCheckpointRoutes(app: App, { runs, baseUrl }: Context): void {
  app.get('/v1/jobs/:id/checkpoints', { schema: list }, async ({ params: { id } }) => ({
    data: presentCheckpoints(await runs.read(id), baseUrl),
  }));

  for (const which of WHICH) {
    app.get(`/v1/jobs/:id/checkpoints/${which}`, { schema: get(which) }, async ({ params: { id } }) =>
      presentCheckpoint(await runs.read(id), which, baseUrl),
    );
  }
}

const list = {
  operationId: 'listCheckpoints',
  tags: ['results'],
  summary: 'The checkpoints that can be downloaded',
  params: idParams,
  response: {
    200: jsonAnswer('None before the first epoch has ended.', z.object({ data: z.array(checkpointSchema) })),
    ...problems,
  },
};

const get = (which: Which) => ({
  operationId: which === 'best' ? 'getBestCheckpoint' : 'getLatestCheckpoint',
  tags: ['results'],
  summary:
    which === 'best'
      ? 'The best checkpoint, by the monitor of callbacks.checkpoint'
      : 'The newest checkpoint; after the end, the model that training left',
  params: idParams,
  response: { 200: jsonAnswer('The checkpoint.', checkpointSchema), ...problems },
});
