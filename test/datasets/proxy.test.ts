import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { download } from '../../src/datasets/download.ts';
import { temporaryFolder } from '../folders.ts';
import { content, type FileServer, startFileServer } from './file-server.ts';

let folder: string;
let server: FileServer;
const asked: string[] = [];
const proxy = createServer((request, response) => {
  asked.push(request.url ?? '');
  const { pathname, port } = new URL(request.url ?? '');
  forward({ host: '127.0.0.1', port, path: pathname, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    answer.pipe(response);
  }).end();
}).on('connect', (request, socket) => {
  asked.push(`CONNECT ${request.url}`);
  socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
});

beforeEach(async () => {
  folder = temporaryFolder();
  server = await startFileServer();
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  asked.length = 0;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await server.close();
});

const proxyUrl = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

async function get(url: string): Promise<Buffer> {
  const path = join(folder, 'file');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const { signal } = new AbortController();
  await download({ url, path, sha256, maxBytes: 2 ** 20, remedy: 'do without', signal, onProgress: () => undefined });
  return readFile(path);
}

it.each(['HTTP_PROXY', 'http_proxy'])('a download goes through the proxy that %s names', async (name) => {
  vi.stubEnv(name, proxyUrl());
  // Only the proxy knows this name.
  const url = server.url.replace('127.0.0.1', 'data.invalid');
  expect((await get(url)).equals(content)).toBe(true);
  expect(asked).toEqual([url]);
});

it('a download by https asks the proxy of HTTPS_PROXY for a tunnel, and says what came of it', async () => {
  vi.stubEnv('HTTPS_PROXY', proxyUrl());
  await expect(get('https://data.invalid/imdb.npz')).rejects.toThrow(/403/);
  expect(asked[0]).toBe('CONNECT data.invalid:443');
});

it('NO_PROXY names what is asked directly', async () => {
  vi.stubEnv('HTTP_PROXY', proxyUrl());
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  expect((await get(server.url)).equals(content)).toBe(true);
  expect(asked).toEqual([]);
});
