import { z } from 'zod';
import { assertReady } from '../../jobs/readiness.ts';
import type { App, Context } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';

export function addHealthRoutes(app: App, context: Context): void {
  app.get('/healthz', { schema: health }, async () => ({ status: 'ok' as const, version: context.version }));

  app.get('/readyz', { schema: ready }, async () => {
    await assertReady(context);
    return { status: 'ready' as const, ...(context.folderLimits.length > 0 && { warnings: [...context.folderLimits] }) };
  });
}

const health = {
  operationId: 'getHealth',
  tags: ['service'],
  summary: 'Whether this process answers',
  response: { 200: jsonAnswer('It does.', z.object({ status: z.literal('ok'), version: z.string() })), ...problems },
};

const ready = {
  operationId: 'getReadiness',
  tags: ['service'],
  summary: 'Whether jobs are taken: writes to the data folder and asks Redis',
  response: {
    200: jsonAnswer(
      'They are. `warnings` says what the file system of the data folder does without.',
      z.object({ status: z.literal('ready'), warnings: z.array(z.string()).optional() }),
    ),
    ...problems,
  },
};
