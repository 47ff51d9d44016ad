import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ulid } from 'ulid';
import { problemText } from './problem.ts';

interface Fault {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout', detail: 'the request did not arrive in time' },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'headers_too_large', detail: 'the headers are larger than 16 KiB' },
};
const MALFORMED: Fault = { status: 400, code: 'request_malformed', detail: 'this is not HTTP/1.1' };

/** Answers what never became a request: too slow, too large, or no HTTP. There is only the socket. */
export function answerClientError({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const fault = FAULTS[code] ?? MALFORMED;
  const body = problemText(fault, '', `req_${ulid()}`);
  const head = [
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
