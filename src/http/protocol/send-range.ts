import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseRange } from './byte-range.ts';
import { matchesTag, sendTagged, tagOf } from './entity-tag.ts';

/** Answers with the bytes or with the range of them that is asked for, and with their tag. Throws RangeNotSatisfiable. */
export function sendRange(request: FastifyRequest, reply: FastifyReply, body: Uint8Array): FastifyReply {
  const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  const tag = tagOf(body);
  reply.header('accept-ranges', 'bytes');
  // Source: RFC 9110, 14.2: a range is a matter of GET alone.
  const isWanted = request.method === 'GET' && (ifRange === undefined || ifRange === tag);
  const part = isWanted && !matchesTag(ifNoneMatch, tag) ? parseRange(range, body.length) : null;
  if (part === null) return sendTagged(request, reply, body, tag);
  reply.header('etag', tag).header('content-range', `bytes ${part.start}-${part.end}/${body.length}`);
  return reply.status(206).send(body.subarray(part.start, part.end + 1));
}
