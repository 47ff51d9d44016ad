import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The strong tag of a body. */
export const tagOf = (body: string | Uint8Array): string => `"${createHash('sha256').update(body).digest('hex')}"`;

/** Whether If-None-Match holds the tag. Source: RFC 9110, 13.1.2. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((text) => text.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(tag);
}

/** Answers 200 with the body and its tag, or 304 when the client has it already. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, body: string | Uint8Array, tag = tagOf(body)): FastifyReply {
  reply.header('etag', tag);
  if (matchesTag(request.headers['if-none-match'], tag)) return reply.status(304).send();
  return reply.status(200).send(body);
}
