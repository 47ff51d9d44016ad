import { z } from 'zod';
import type { App } from '../context.ts';
import { jsonAnswer } from '../protocol/answer.ts';
import { problems } from '../protocol/problem.ts';

export function addOpenApiRoute(app: App): void {
  app.get('/openapi.json', { schema: openapi }, async () => app.swagger());
}

const openapi = {
  operationId: 'getOpenApi',
  tags: ['service'],
  summary: 'This description',
  response: { 200: jsonAnswer('OpenAPI 3.1.', z.unknown()), ...problems },
};
