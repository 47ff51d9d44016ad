import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ulid } from 'ulid';
import { problemText } from '../problem.ts';
import type { IsLate } from './late-requests.ts';

interface Fault {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const LINGER_MS = 1_000;

const LATE = 'ERR_HTTP_REQUEST_TIMEOUT';

const FAULTS: Readonly<Record<string, Fault>> = {
  [LATE]: { status: 408, code: 'request_timeout', detail: 'the request did not arrive in time' },
  HPE_INVALID_METHOD: {
    status: 400,
    code: 'request_malformed',
    detail: 'this is no method of HTTP: expected one in capitals, such as GET',
  },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'headers_too_large', detail: 'the headers are larger than 16 KiB' },
};
const MALFORMED: Fault = { status: 400, code: 'request_malformed', detail: 'this is not HTTP/1.1' };

/** Answers what never became a request: too slow, too large, or no HTTP. There is only the socket. */
export async function answerClientError({ code = '' }: NodeJS.ErrnoException, socket: Socket, isLate: IsLate): Promise<void> {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  if (code === LATE && !(await isLate(socket))) return;
  endWith(FAULTS[code] ?? MALFORMED, socket);
}

/** One connection more than there can be, while all others are in use. */
export const refuseConnection = (socket: Socket): void =>
  endWith({ status: 503, code: 'too_many_connections', detail: 'all connections that this service can hold are in use' }, socket);

/** A client that does not hang up then, is not waited for. */
function endWith(fault: Fault, socket: Socket): void {
  const body = problemText(fault, '', `req_${ulid()}`);
  const head = [
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(fault.status === 503 ? ['retry-after: 2'] : []),
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
