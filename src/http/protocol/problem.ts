import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { clientText } from '../../contract/client-text.ts';
import { EpochdError, type Problem } from '../../contract/errors.ts';
import { MethodNotAllowed, RangeNotSatisfiable } from './errors.ts';

/** An error as clients see it. Source: RFC 9457. */
export const problemSchema = z.object({
  type: z.string().describe('A name for this kind of problem; it holds the code.'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What is wrong with this request.'),
  instance: z.string().describe('The path that was asked for.'),
  code: z.string().describe('For programs.'),
  request_id: z.string().describe('As in the X-Request-Id header and in the log.'),
  errors: z
    .array(z.object({ pointer: z.string().describe('Where in the body: RFC 6901.'), detail: z.string() }))
    .optional()
    .describe('Everything that is wrong, at once.'),
});

/** How every route answers when it cannot do what was asked. */
export const problems = {
  default: { description: 'A problem (RFC 9457).', content: { 'application/problem+json': { schema: problemSchema } } },
};

/** The one place that decides statuses: by `code`. What is not listed is 500. */
const STATUSES: Readonly<Record<string, number>> = {
  body_malformed: 400,
  job_not_found: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  wrong_state: 409,
  no_checkpoint_yet: 409,
  no_manifest_yet: 409,
  idempotency_conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  host_not_allowed: 421,
  keys_repeated: 422,
  spec_invalid: 422,
  request_invalid: 422,
  idempotency_key_reused: 422,
  queue_unavailable: 503,
  storage_unavailable: 503,
  data_folder_mismatch: 503,
  not_ready: 503,
  handler_timeout: 503,
  service_busy: 503,
  storage_full: 507,
};

/** Fastify's own errors, under this service's names. */
const FASTIFY_CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body_malformed',
  FST_ERR_BAD_URL: 'route_not_found',
};

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly Problem[];
}

/** Answers with the problem that an error is. Nothing of an error without a name leaves the process. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = failureOf(error);
  const { status } = failure;
  if (status >= 500) request.log.error({ err: error, code: failure.code }, 'the request failed');
  if (error instanceof MethodNotAllowed) reply.header('allow', error.allowed.join(', '));
  if (error instanceof RangeNotSatisfiable) reply.header('content-range', `bytes */${error.size}`);
  if (error instanceof EpochdError && error.retryable) reply.header('retry-after', '2');
  const body = problemText(failure, request.url, request.id);
  return reply.status(status).header('content-type', 'application/problem+json').send(body);
}

export function problemText({ status, code, detail, errors }: Failure, url: string, requestId: string): string {
  const instance = url.split('?', 1)[0] ?? '';
  const title = STATUS_CODES[status] ?? 'Error';
  return JSON.stringify({ type: `urn:epochd:problem:${code}`, title, status, detail, instance, code, request_id: requestId, errors });
}

function failureOf(error: unknown): Failure {
  if (error instanceof EpochdError) {
    const told = (text: string): string => clientText(error.kind, text);
    const problems = 'problems' in error ? (error.problems as readonly Problem[]) : undefined;
    const errors = problems?.map(({ pointer, detail }) => ({ pointer, detail: told(detail) }));
    return { status: STATUSES[error.code] ?? 500, code: error.code, detail: told(error.message), ...(errors && { errors }) };
  }
  const { code = '', statusCode = 500, message } = error as Partial<FastifyError>;
  const known = FASTIFY_CODES[code];
  if (known !== undefined) return { status: STATUSES[known] ?? 500, code: known, detail: message ?? known };
  if (statusCode >= 400 && statusCode < 500) return { status: statusCode, code: 'request_refused', detail: message ?? 'refused' };
  return { status: 500, code: 'internal_error', detail: 'something broke here: the log says what, under this request_id' };
}
