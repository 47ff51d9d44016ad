import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MAIN } from '../../built.ts';
import { type Service, startService } from '../service.ts';
import { statusIn, talk } from '../talk.ts';

let service: Service;
afterEach(() => service.stop());

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';

async function start(limits: NonNullable<Parameters<typeof startService>[0]>['limits'] = {}): Promise<void> {
  service = await startService({ limits });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
}

/** A connection that the service has taken. */
async function open(): Promise<Socket> {
  const taken = once(service.app.server, 'connection');
  const socket = connect((service.app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  await taken;
  return socket;
}

/** As SIGSTOP and SIGCONT would. */
const freeze = (milliseconds: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

const answerOf = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

describe('after the process was frozen for longer than a request may take', () => {
  it('what lay ready is answered', async () => {
    await start({ requestMs: 400, headersMs: 300 });
    const socket = await open();
    const answer = answerOf(socket);
    socket.write(`${HEALTH}\r\n`);
    freeze(1_500);
    expect(statusIn(await answer)).toBe(200);
    socket.destroy();
  });

  it('a client that was in the middle of its request may end it', async () => {
    await start({ requestMs: 2_000, headersMs: 1_000 });
    const socket = await open();
    const answer = answerOf(socket);
    socket.write('POST /v1/jobs/validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    await once(service.app.server, 'request');
    freeze(3_500);
    setTimeout(() => socket.write('}'), 300);
    expect(statusIn(await answer)).toBe(200);
    socket.destroy();
  });

  it('a request that never comes is late all the same', async () => {
    await start({ requestMs: 400, headersMs: 300 });
    const socket = await open();
    const answer = answerOf(socket);
    socket.write(HEALTH);
    freeze(1_500);
    expect(statusIn(await answer)).toBe(408);
    socket.destroy();
  });
});

it('the second request on a connection may be late, too', async () => {
  await start({ requestMs: 400, headersMs: 300 });
  expect(await talk(service, `${HEALTH}\r\n${HEALTH}`)).toMatch(/^HTTP\/1\.1 200 [^]*HTTP\/1\.1 408 /);
});

describe('more connections than there may be', () => {
  it('close the one that has been idle longest, so that a new request is answered', async () => {
    await start({ connections: 20 });
    const held: Socket[] = [];
    for (let index = 0; index < 100; index++) {
      const socket = await open();
      held.push(socket);
      const answer = answerOf(socket);
      socket.write(`${HEALTH}\r\n`);
      expect(statusIn(await answer), `connection ${index}`).toBe(200);
    }
    const closed = held.slice(0, 80);
    await expect.poll(() => closed.filter((socket) => !socket.closed).length).toBe(0);
    expect(held.slice(81).filter((socket) => socket.closed)).toEqual([]);
    for (const socket of held) socket.destroy();
  });

  it('also when those that are held never said a word', async () => {
    await start({ connections: 20 });
    const silent: Socket[] = [];
    for (let index = 0; index < 30; index++) silent.push(await open());
    expect(statusIn(await talk(service, `${HEALTH}Connection: close\r\n\r\n`))).toBe(200);
    for (const socket of silent) socket.destroy();
  });

  it('are refused with 503 while all others wait for their answers, which they get', async () => {
    await start({ connections: 5, watchMs: 20, heldMs: 2_000 });
    const { id } = (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: { dataset: { source: 'imdb-mini' } } })).json();
    const waiters: Socket[] = [];
    for (let index = 0; index < 5; index++) {
      const socket = await open();
      const request = once(service.app.server, 'request');
      socket.write(`GET /v1/jobs/${id}?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await request;
      waiters.push(socket);
    }
    const answers = waiters.map(answerOf);
    expect(statusIn(await talk(service, `${HEALTH}\r\n`))).toBe(503);
    expect((await Promise.all(answers)).map(statusIn)).toEqual([200, 200, 200, 200, 200]);
    for (const socket of waiters) socket.destroy();
  });
});

it('a process that may open few files answers beside connections without end', async () => {
  await start();
  const env = { PATH: process.env.PATH, EPOCHD_PORT: '0', EPOCHD_DATA_DIR: service.dataDir, REDIS_URL: service.redis.url };
  const api = spawn('sh', ['-c', 'ulimit -n 256 && exec "$0" "$@"', process.execPath, MAIN, 'api'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = await once(api.stdout, 'data');
  const url = String(said).trim().replace('epochd listens on ', '');
  const held = Array.from({ length: 400 }, () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(`${HEALTH}\r\n`));
    return socket.on('error', () => undefined);
  });
  await Promise.all(
    held.map((socket) => Promise.race(['data', 'close'].map((event) => new Promise((resolve) => socket.once(event, resolve))))),
  );
  for (let index = 0; index < 5; index++) expect((await fetch(`${url}/v1/jobs`)).status).toBe(200);
  for (const socket of held) socket.destroy();
  api.kill();
  await once(api, 'close');
});
