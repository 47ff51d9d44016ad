import type { FastifyInstance } from 'fastify';
import { BodyMalformed } from './errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON in UTF-8 is the only body that is taken. An empty one is undefined: what is missing is for the route to say. */
export function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as BodyMalformed);
    }
  });
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = decode(body);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BodyMalformed(`the body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new BodyMalformed(`the body is not UTF-8: byte ${firstBadByte(body)} begins no character`, { cause });
  }
}

/** Counts from 0: where the bytes and what a lenient reader makes of them part. */
function firstBadByte(body: Buffer): number {
  const lenient = Buffer.from(body.toString('utf8'));
  return body.findIndex((byte, index) => byte !== lenient[index]);
}
