import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { submitLongRun } from '../long-run.ts';
import { type Service, startService } from '../service.ts';

const ONE = { atWork: 1, waiting: 1, stalledMs: 60_000 };

/** A job whose points are more than the buffers between the service and a client take. */
let id: string;
let dataDir: string;
let service: Service;
let url: string;

const end = async ({ app, queue, redis }: Service): Promise<void> => {
  await app.close();
  await queue.close();
  await redis.stop();
};

beforeAll(async () => {
  const first = await startService();
  dataDir = first.dataDir;
  id = await submitLongRun(first, SEED, 14);
  await end(first);
});
afterEach(() => end(service));
afterAll(() => rm(dataDir, { recursive: true, force: true }));

async function start(limits: NonNullable<NonNullable<Parameters<typeof startService>[0]>['limits']>): Promise<void> {
  service = await startService({ dataDir, limits });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
}

const points = () => fetch(`${url}/v1/jobs/${id}/metrics?by=step`);

/** Asks for the points, and takes none of them after the first. */
async function stuckReader(): Promise<IncomingMessage> {
  const [answer] = (await once(get(`${url}/v1/jobs/${id}/metrics?by=step`), 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  await once(answer, 'readable');
  return answer;
}

it('more heavy reads than may be worked on wait for their turn, and more than may wait are refused; nothing else waits for them', async () => {
  await start({ reads: ONE });
  const stuck = await stuckReader();
  const both = [points(), points()];
  const refused = await Promise.race(both);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'service_busy']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  for (const path of ['history', 'curves.svg']) expect((await fetch(`${url}/v1/jobs/${id}/${path}`)).status).toBe(503);
  expect((await fetch(`${url}/v1/jobs`)).status).toBe(503);
  for (const path of ['/healthz', '/readyz', `/v1/jobs/${id}`, `/v1/jobs/${id}/checkpoints`])
    expect((await fetch(url + path)).status).toBe(200);
  expect((await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).statusCode).toBe(202);
  expect((await fetch(`${url}/v1/jobs/${id}/checkpoints/best/model`)).status).toBe(200);
  stuck.destroy();
  const statuses = await Promise.all(both.map(async (answer) => (await answer).status));
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 503]);
  await Promise.all(both.map(async (answer) => (await answer).bodyUsed || (await answer).arrayBuffer()));
  expect((await fetch(`${url}/v1/jobs`)).status).toBe(200);
});

it('who has gone while it waited does not take a turn', async () => {
  await start({ reads: ONE });
  const stuck = await stuckReader();
  const leaving = new AbortController();
  const waiting = fetch(`${url}/v1/jobs`, { signal: leaving.signal }).catch(() => null);
  await expect.poll(async () => (await fetch(`${url}/v1/jobs`, { signal: AbortSignal.timeout(300) }).catch(() => null))?.status).toBe(503);
  leaving.abort();
  await waiting;
  stuck.destroy();
  await expect.poll(async () => (await fetch(`${url}/v1/jobs`)).status).toBe(200);
});

it('a client that takes nothing of its answer for too long is cut off', async () => {
  await start({ reads: { ...ONE, stalledMs: 300 } });
  const stuck = await stuckReader();
  expect((await fetch(`${url}/v1/jobs`)).status).toBe(200);
  await once(stuck.resume(), 'error');
});

it('an answer that has begun may take longer than one may take to begin', async () => {
  await start({ handlerMs: 2_000 });
  const answer = await stuckReader();
  await delay(2_500);
  let length = 0;
  for await (const chunk of answer) length += (chunk as Buffer).length;
  expect(length).toBe((await (await points()).arrayBuffer()).byteLength);
});

it('what has not begun in time is given up by name', async () => {
  await start({ reads: ONE, handlerMs: 500 });
  const stuck = await stuckReader();
  const late = await fetch(`${url}/v1/jobs`);
  expect([late.status, ((await late.json()) as { code: string }).code, late.headers.get('retry-after')]).toEqual([
    503,
    'handler_timeout',
    '2',
  ]);
  stuck.destroy();
  await expect.poll(async () => (await fetch(`${url}/v1/jobs`)).status).toBe(200);
});
