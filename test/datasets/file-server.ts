import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));

export interface FileServer {
  readonly url: string;
  /** The Range header of each request so far, null for a request of the whole. */
  readonly asked: (string | null)[];
  /** What the next requests get; `whole` when there is nothing left. */
  readonly answers: Handler[];
  close(): Promise<void>;
}

export async function startFileServer(): Promise<FileServer> {
  const asked: (string | null)[] = [];
  const answers: Handler[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.range ?? null);
    (answers.shift() ?? whole)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}/imdb.npz`, asked, answers, close };
}

export const whole: Handler = (_, response) => response.writeHead(200, { 'content-length': content.length }).end(content);

/** Honours Range. */
export const rest: Handler = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start === 0) return whole(request, response);
  if (start >= content.length) return response.writeHead(416).end();
  const range = `bytes ${start}-${content.length - 1}/${content.length}`;
  return response.writeHead(206, { 'content-range': range, 'content-length': content.length - start }).end(content.subarray(start));
};

/** Promises everything, sends `bytes` and says no more. */
export const stalled =
  (bytes: number): Handler =>
  (_, response) =>
    response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, bytes));

/** Promises everything, sends `bytes` and hangs up. */
export const broken =
  (bytes: number): Handler =>
  (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50));
  };

/** Never stops sending. */
export const endless: Handler = (_, response) => {
  const piece = Buffer.alloc(2 ** 16);
  const pour = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.writeHead(200).on('drain', pour);
  pour();
};

export const status =
  (code: number): Handler =>
  (_, response) =>
    response.writeHead(code).end('no');
