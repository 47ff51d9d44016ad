import { z } from 'zod';
import type { Which } from '../../contract/checkpoint.ts';
import { WHICH } from '../../contract/checkpoint.ts';
import { readModel } from '../../jobs/results/model-archive.ts';
import type { App, Context } from '../context.ts';
import { answer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';
import { sendRange } from '../protocol/send-range.ts';
import { conditional, idParams, notModified } from './parameters.ts';

const ZIP = 'application/zip';

export function addModelRoutes(app: App, { runs }: Context): void {
  for (const which of WHICH) {
    app.get(`/v1/jobs/:id/checkpoints/${which}/model`, { schema: get(which) }, async (request, reply) => {
      const { id } = request.params;
      const archive = await readModel(runs, id, which);
      reply.type(ZIP).header('content-disposition', `attachment; filename="${id}-${which}-tfjs.zip"`);
      return sendRange(request, reply, archive);
    });
  }
}

const bytes = z.string().meta({ format: 'binary' });

const get = (which: Which) => ({
  operationId: which === 'best' ? 'downloadBestModel' : 'downloadLatestModel',
  tags: ['results'],
  summary: `The model of the ${which} checkpoint`,
  description: 'The same checkpoint always gives the same bytes; the ETag is their sha256.',
  params: idParams,
  querystring: z.strictObject({ format: z.enum(['tfjs']).default('tfjs') }),
  headers: conditional.extend({ range: z.string().optional().describe('One range of bytes.'), 'if-range': z.string().optional() }),
  response: {
    200: answer('model.json and weights.bin, for tf.loadLayersModel.', ZIP, bytes),
    206: answer('A part of it.', ZIP, bytes),
    304: notModified,
    ...problems,
  },
});
