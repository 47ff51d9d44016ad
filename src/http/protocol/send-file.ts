import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ByteRange, parseRange } from './byte-range.ts';
import { matchesTag } from './entity-tag.ts';
import { sendHead, sendStream } from './send-stream.ts';

/** What is known of a file before any of its bytes is. */
export interface FileFacts {
  readonly size: number;
  /** Its strong tag. */
  readonly tag: string;
}

/** Which bytes of a file are the answer to a request; null for none. Throws RangeNotSatisfiable. */
export function wantedBytes(request: FastifyRequest, file: FileFacts): ByteRange | null {
  if (request.method === 'HEAD' || matchesTag(request.headers['if-none-match'], file.tag)) return null;
  return partOf(request, file) ?? { start: 0, end: file.size };
}

/** Answers with `bytes`, which are those that `wantedBytes` named, or without them where it named none. */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: FileFacts,
  bytes: AsyncIterable<Uint8Array> | null,
): FastifyReply {
  reply.header('accept-ranges', 'bytes').header('etag', file.tag);
  if (matchesTag(request.headers['if-none-match'], file.tag)) return reply.status(304).send();
  const part = partOf(request, file);
  if (part) reply.status(206).header('content-range', `bytes ${part.start}-${part.end - 1}/${file.size}`);
  reply.header('content-length', part ? part.end - part.start : file.size);
  return bytes === null ? sendHead(reply) : sendStream(reply, bytes);
}

/** Source: RFC 9110, 14.2: a range is a matter of GET alone, and 13.1.5: of the version that If-Range names. */
function partOf({ method, headers }: FastifyRequest, { size, tag }: FileFacts): ByteRange | null {
  const { range, 'if-range': ifRange } = headers;
  return method === 'GET' && (ifRange === undefined || ifRange === tag) ? parseRange(range, size) : null;
}
