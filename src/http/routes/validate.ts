import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { specShape } from '../../contract/spec.ts';
import { reportOn, type SpecReport } from '../../jobs/report.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { KeysRepeated } from '../protocol/errors.ts';
import { problemSchema, problems, sendProblem } from '../protocol/problem.ts';

const layer = z.object({
  name: z.string(),
  type: z.string(),
  output_shape: z.array(z.int().nullable()).describe('null stands for the batch.'),
  parameters: z.int(),
});

const report = z.discriminatedUnion('valid', [
  z.object({ valid: z.literal(false), errors: problemSchema.shape.errors.unwrap() }),
  z.object({
    valid: z.literal(true),
    spec: specShape,
    layers: z.array(layer),
    summary: z.string().describe('The table that Keras prints.'),
    parameters: z.int(),
    train_rows: z.int(),
    validation_rows: z.int(),
    steps_per_epoch: z.int(),
    steps: z.int().describe('If no callback ends the training before.'),
    memory_bytes: z.number().describe('The most that the training process takes, about.'),
    disk_bytes: z.number().describe('What the run takes on disk at most, about; most of it are checkpoints.'),
    max_runtime_seconds: z.int().nullable().describe("The spec's own, or else this service's default; null: no limit."),
    predicted_seconds: z.number().describe('A rough guess, for two CPU cores.'),
  }),
]);

export function addValidateRoute(app: App, { runtime }: Context): void {
  app.post(
    '/v1/jobs/validate',
    { schema: validate, errorHandler: reportAmbiguity },
    async ({ body }): Promise<SpecReport> => reportOn(body, runtime),
  );
}

/** Found before the route sees the body, but one more thing that is wrong with a spec. */
function reportAmbiguity(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (!(error instanceof KeysRepeated)) return void sendProblem(error, request, reply);
  const report: SpecReport = { valid: false, errors: [...error.problems] };
  void reply.status(200).send(report);
}

const validate = {
  operationId: 'validateJob',
  tags: ['jobs'],
  summary: 'What a spec would become, or everything that is wrong with it',
  body: specShape,
  response: { 200: jsonAnswer('Also when the spec is not valid.', report), ...problems },
};
