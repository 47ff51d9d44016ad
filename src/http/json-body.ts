import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { BodyMalformed, MediaTypeUnsupported } from './errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/** JSON in UTF-8 is the only body that is taken. An empty one is undefined: what is missing is for the route to say. */
export function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ headers }, body, done) => {
    try {
      refuseOtherCodings(headers);
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as BodyMalformed | MediaTypeUnsupported);
    }
  });
}

/** Bytes that would be read as something else than they were sent as. */
function refuseOtherCodings({ 'content-type': type = '', 'content-encoding': coding = 'identity' }: IncomingHttpHeaders): void {
  if (coding.toLowerCase() !== 'identity') {
    throw new MediaTypeUnsupported(`Content-Encoding: ${coding}: expected a body that is not compressed`);
  }
  const [, charset = 'utf-8'] = CHARSET.exec(type) ?? [];
  if (!/^utf-?8$/i.test(charset)) throw new MediaTypeUnsupported(`Content-Type: ${type}: expected charset=utf-8, or none`);
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
