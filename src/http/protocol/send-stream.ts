import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matchesTag } from './entity-tag.ts';

/** Answers with what comes out of `content`, no faster than the client takes it; when the client goes, no more is asked of it. */
export function sendStream(reply: FastifyReply, content: AsyncIterable<string | Uint8Array>): FastifyReply {
  const stream = Readable.from(content, { objectMode: false });
  // It was answered before, because it took too long.
  if (reply.sent) stream.destroy();
  return reply.sent ? reply : reply.send(stream);
}

/** A body that is not sent: what the headers say of it stands. */
export const sendHead = (reply: FastifyReply): FastifyReply => reply.send(Readable.from([]));

/**
 * Answers 200 with a body that is made while it is sent, or 304 when the client has it already. `open` is only called for a body
 * that is wanted.
 */
export async function streamTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  tag: string,
  open: () => Promise<AsyncIterable<string | Uint8Array>>,
): Promise<FastifyReply> {
  reply.header('etag', tag);
  if (matchesTag(request.headers['if-none-match'], tag)) return reply.status(304).send();
  return request.method === 'HEAD' ? sendHead(reply) : sendStream(reply, await open());
}
