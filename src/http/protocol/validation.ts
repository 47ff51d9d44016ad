import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { parseStrictly } from '../../contract/explain/parse.ts';
import { RequestInvalid } from './errors.ts';

/**
 * Of what a route's schema says, the query is enforced here. The body is parsed by the route, because more rules follow; an id that
 * is none is one that no run has; headers that mean nothing are ignored. Responses are what the types say: a run that an older
 * version wrote must stay readable.
 */
export function validateQueries(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => {
    if (httpPart !== 'querystring') return (value) => ({ value });
    return (query) => {
      const parsed = parseStrictly(schema, query);
      return parsed.problems ? { error: new RequestInvalid(parsed.problems) } : { value: parsed.value };
    };
  });
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}
