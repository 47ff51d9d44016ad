import { z } from 'zod';
import type { Which } from '../../contract/checkpoint.ts';
import { WHICH } from '../../contract/checkpoint.ts';
import { FORMAT_NAMES, FORMATS } from '../../exports/format.ts';
import { type ModelFile, openModel } from '../../jobs/results/model-file.ts';
import type { App, Context } from '../context.ts';
import { problems } from '../protocol/problem.ts';
import { type FileFacts, sendFile, wantedBytes } from '../protocol/send-file.ts';
import { conditional, idParams, notModified } from './parameters.ts';

export function addModelRoutes(app: App, context: Context): void {
  for (const which of WHICH) {
    app.get(`/v1/jobs/:id/checkpoints/${which}/model`, { schema: get(which) }, async (request, reply) => {
      const pick = (model: ModelFile) => wantedBytes(request, factsOf(model));
      const { file, bytes } = await openModel(context, { ...request.params, ...request.query, which, pick });
      reply.type(file.mediaType).header('content-disposition', `attachment; filename="${file.name}"`);
      return sendFile(request, reply, factsOf(file), bytes);
    });
  }
}

const factsOf = ({ size, sha256 }: ModelFile): FileFacts => ({ size, tag: `"${sha256}"` });

const bytes = z.string().meta({ format: 'binary' });
const formats = FORMAT_NAMES.map((name) => ({ name, ...FORMATS[name] }));

/** Some formats may have the same media type. */
const answer = (description: string) => ({
  description,
  content: Object.fromEntries(formats.map(({ mediaType }) => [mediaType, { schema: bytes }])),
});

const get = (which: Which) => ({
  operationId: which === 'best' ? 'downloadBestModel' : 'downloadLatestModel',
  tags: ['results'],
  summary: `The model of the ${which} checkpoint`,
  description: 'The same checkpoint always gives the same bytes; the ETag is their sha256.',
  params: idParams,
  querystring: z.strictObject({
    format: z
      .enum(FORMAT_NAMES)
      .default(FORMAT_NAMES[0])
      .describe(formats.map(({ name, description }) => `${name}: ${description}`).join(' ')),
  }),
  headers: conditional.extend({ range: z.string().optional().describe('One range of bytes.'), 'if-range': z.string().optional() }),
  response: { 200: answer('The model.'), 206: answer('A part of it.'), 304: notModified, ...problems },
});
