import { z } from 'zod';
import { engineInfoSchema } from '../../contract/engine-info.ts';
import { type Capabilities, describeCapabilities } from '../../jobs/capabilities.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';
import { MAX_PAGE } from './job-list.ts';

const capabilities = z.object({
  version: z.string(),
  engines: z.array(engineInfoSchema).nullable().describe('Those of the workers that are alive; null while Redis does not answer.'),
  dataset_sources: z.array(z.string()),
  losses: z.array(z.string()),
  metrics: z.array(z.string()),
  optimizers: z.array(z.string()),
  model_formats: z.array(z.string()),
  limits: z.object({
    body_bytes: z.int(),
    wait_seconds: z.int().describe('How long an answer is held at most, whatever is asked for.'),
    page_size: z.int(),
    parameters: z.int(),
    memory_bytes: z.number(),
    disk_bytes: z.number(),
    default_runtime_seconds: z.int().nullable().describe('For a job that says nothing of max_runtime_seconds; null: no limit.'),
    max_runtime_seconds: z.int().nullable().describe('That a job may ask for; null: no limit.'),
    flops: z.number().describe('Floating point operations of a whole job.'),
  }),
});

export function addCapabilitiesRoute(app: App, context: Context): void {
  app.get(
    '/v1/capabilities',
    { schema: get },
    async (): Promise<Capabilities> =>
      describeCapabilities(context, { bodyBytes: app.initialConfig.bodyLimit ?? 0, heldMs: context.heldMs, pageSize: MAX_PAGE }),
  );
}

const get = {
  operationId: 'getCapabilities',
  tags: ['service'],
  summary: 'What jobs may ask for, and the limits',
  response: { 200: jsonAnswer('What there is.', capabilities), ...problems },
};
