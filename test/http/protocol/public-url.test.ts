import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { takeForTraining } from '../trained-run.ts';

/* A proxy before the service that takes /epochd off the path and calls the service by an address of its own, as nginx does. */

let service: Service;
let url: string;
const proxy = createServer((request, response) => {
  if (!request.url?.startsWith('/epochd/')) return void response.writeHead(404).end('nothing of the service is here');
  const { port } = service.app.server.address() as AddressInfo;
  const { method, headers } = request;
  const path = request.url.slice('/epochd'.length);
  const onward = forward({ host: '127.0.0.1', port, path, method, headers: { ...headers, host: `127.0.0.1:${port}` } }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    answer.pipe(response);
  });
  request.pipe(onward);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/epochd`;
  service = await startService({ publicUrl: url });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await service.stop();
});

const post = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(SEED) });

it('every link leads through the proxy', async () => {
  const created = await post('/v1/jobs');
  const { id, links } = (await created.json()) as { id: string; links: Record<string, string> };
  expect(created.headers.get('location')).toBe(`${url}/v1/jobs/${id}`);
  const training = await takeForTraining(service.runs, id);
  await training.claim.writeProvenance({ id, seed: 1 });
  await training.epoch(0.7, 0.6);
  await training.succeed();
  expect(Object.keys(links).length).toBeGreaterThan(8);
  for (const [name, link] of Object.entries(links))
    expect((await fetch(link)).status, name).toBe(['cancel', 'retry'].includes(name) ? 405 : 200);
  const { data } = (await (await fetch(links.checkpoints ?? '')).json()) as { data: { links: Record<string, string> }[] };
  expect(data).toHaveLength(2);
  for (const link of data.flatMap((checkpoint) => Object.values(checkpoint.links))) expect((await fetch(link)).status, link).toBe(200);
});

it('pages go on through the proxy', async () => {
  for (let index = 0; index < 3; index++) await post('/v1/jobs');
  const [, next = ''] = /^<(.+)>; rel="next"$/.exec((await fetch(`${url}/v1/jobs?limit=1`)).headers.get('link') ?? '') ?? [];
  expect(next.startsWith(`${url}/v1/jobs?`)).toBe(true);
  expect((await fetch(next)).status).toBe(200);
});

it('the description names the address, and its page finds itself and may try things out', async () => {
  expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ servers: [{ url }] });
  for (const path of ['/docs', '/docs/', '/docs/static/index.html']) {
    const page = await fetch(`${url}${path}`);
    const [, script = ''] = /src="(\.\/[^"]*swagger-initializer\.js)"/.exec(await page.text()) ?? [];
    expect((await fetch(new URL(script, page.url))).status, path).toBe(200);
  }
  expect((await post('/v1/jobs', { origin: new URL(url).origin })).status).toBe(202);
});
