import { z } from 'zod';
import { readManifest } from '../../jobs/results/manifest.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { sendTagged } from '../protocol/entity-tag.ts';
import { problems } from '../protocol/problem.ts';
import { conditional, idParams, notModified } from './parameters.ts';

export function addManifestRoute(app: App, { runs }: Context): void {
  app.get('/v1/jobs/:id/manifest', { schema: get }, async (request, reply) => {
    const manifest = await readManifest(runs, await runs.read(request.params.id));
    return sendTagged(request, reply.type('application/json'), manifest);
  });
}

const get = {
  operationId: 'getManifest',
  tags: ['results'],
  summary: 'What the bits of the result depend on: spec, data, seed, engine, versions, machine',
  params: idParams,
  headers: conditional,
  response: {
    200: jsonAnswer('The manifest of the last training.', z.looseObject({ id: z.string(), seed: z.int() })),
    304: notModified,
    ...problems,
  },
};
