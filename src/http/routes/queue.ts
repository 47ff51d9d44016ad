import { z } from 'zod';
import { engineInfoSchema } from '../../contract/engine-info.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';

const depth = z.object({
  waiting: z.int(),
  delayed: z.int().describe('Waiting until a failure may have passed.'),
  running: z.int(),
});

const worker = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  engines: z.array(engineInfoSchema),
  concurrency: z.int(),
  jobs: z.array(z.string()).describe('Ids of the jobs in work.'),
  since: z.iso.datetime(),
  folder: z.string().nullish().describe('The identity of the data folder that it sees.'),
});

export function addQueueRoutes(app: App, { queue }: Context): void {
  app.get('/v1/queue', { schema: getQueue }, async () => queue.depth());

  app.get('/v1/workers', { schema: getWorkers }, async () => ({
    data: (await queue.workers()).map((info) => ({ ...info, engines: [...info.engines], jobs: [...info.jobs] })),
  }));
}

const getQueue = {
  operationId: 'getQueue',
  tags: ['service'],
  summary: 'How many jobs wait and run',
  response: { 200: jsonAnswer('The depth.', depth), ...problems },
};

const getWorkers = {
  operationId: 'listWorkers',
  tags: ['service'],
  summary: 'The workers that were heard of lately',
  response: { 200: jsonAnswer('The workers.', z.object({ data: z.array(worker) })), ...problems },
};
