import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { listProblems } from '../../contract/explain/parse.ts';
import { duplicateKeys } from './duplicate-keys.ts';
import { BodyMalformed, KeysRepeated, MediaTypeUnsupported } from './errors.ts';

type Payload = FastifyRequest['raw'];
type Done = (error: Error | null, body?: unknown) => void;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const CHARSET = /;\s*charset\s*=\s*["']?([^\s;"']*)/i;
/** Names of UTF-8, and of the part of it that is ASCII. */
const UTF_8 = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/**
 * JSON in UTF-8 is the only body that a scope takes. An empty one is undefined, whatever type it is said to have: what is missing is for
 * the route to say, and where no body is expected a client's library names the type of what it might have sent.
 */
export function parseJsonBodies(scope: FastifyInstance): void {
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ headers }, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer, headers));
    } catch (error) {
      done(error as BodyMalformed | MediaTypeUnsupported);
    }
  });
  scope.addContentTypeParser('*', refuseUnlessEmpty);
  // Of a body that is not there not even a type that is none matters.
  scope.addHook('onRequest', async ({ headers }) => {
    if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) delete headers['content-type'];
  });
}

function refuseUnlessEmpty({ headers }: FastifyRequest, payload: Payload, done: Done): void {
  const { 'content-type': type, 'content-length': length } = headers;
  const refuse = (): void =>
    done(new MediaTypeUnsupported(`Content-Type: ${type ?? 'none'}: expected a body of the type application/json`));
  if (length !== undefined) return refuse();
  payload.once('data', refuse);
  payload.once('error', done);
  payload.once('end', () => {
    if (payload.listenerCount('data', refuse) > 0) done(null, undefined);
  });
}

function parseJson(body: Buffer, headers: IncomingHttpHeaders): unknown {
  refuseOtherCodings(headers);
  const text = decode(body);
  const value = valueOf(text);
  const twice = listProblems(duplicateKeys(text));
  if (twice.length > 0) throw new KeysRepeated(twice);
  return value;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BodyMalformed(`the body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Bytes that would be read as something else than they were sent as. */
function refuseOtherCodings({ 'content-type': type = '', 'content-encoding': coding = 'identity' }: IncomingHttpHeaders): void {
  if (coding.toLowerCase() !== 'identity') {
    throw new MediaTypeUnsupported(`Content-Encoding: ${coding}: expected a body that is not compressed`);
  }
  const [, charset = 'utf-8'] = CHARSET.exec(type) ?? [];
  if (!UTF_8.includes(charset.toLowerCase())) throw new MediaTypeUnsupported(`Content-Type: ${type}: expected charset=utf-8, or none`);
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
