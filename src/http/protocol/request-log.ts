import type { IncomingMessage } from 'node:http';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { ulid } from 'ulid';

const MAX_URL = 500;
const SANE_ID = /^[\w.:-]{1,100}$/;

/** The client's X-Request-Id when it is fit for a log, or a new id. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SANE_ID.test(given) ? given : `req_${ulid()}`;
}

/** Binds the id of the job that a request is about to every line of its log. */
export function requestLogger(log: FastifyBaseLogger, bindings: object, options: object, { url = '' }: IncomingMessage): FastifyBaseLogger {
  const [jobId] = /job_[0-9A-Z]{26}/.exec(url) ?? [];
  return log.child(jobId === undefined ? bindings : { ...bindings, job_id: jobId }, { ...options, serializers: { req: describeRequest } });
}

/** Without the query, which may hold what is nobody's business, and no longer than a line should be. */
const describeRequest = ({ method, url, host, ip }: FastifyRequest): object => ({
  method,
  url: (url.split('?', 1)[0] ?? '').slice(0, MAX_URL),
  host: host?.slice(0, MAX_URL),
  remoteAddress: ip,
});
