import type { IncomingHttpHeaders } from 'node:http';
import { RequestInvalid } from './errors.ts';

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The Idempotency-Key of a request, if it has one. Throws RequestInvalid for one that is not 1 to 255 printable ASCII characters. */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && IDEMPOTENCY_KEY.test(key))) return key;
  const detail = `expected 1 to 255 printable ASCII characters without spaces, got ${JSON.stringify(String(key).slice(0, 60))}`;
  throw new RequestInvalid([{ pointer: '/Idempotency-Key', detail }]);
}
