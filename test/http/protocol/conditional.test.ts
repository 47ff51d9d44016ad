import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../src/contract/job.ts';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { takeForTraining } from '../trained-run.ts';

let service: Service;
let url: string;
beforeAll(async () => {
  service = await startService({ limits: { watchMs: 20 } });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => service.stop());

const submit = async (): Promise<string> => (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json().id;
const get = (id: string, query = '', headers: Record<string, string> = {}) => fetch(`${url}/v1/jobs/${id}${query}`, { headers });

describe('the ETag of a job', () => {
  it('is its revision, and changes when the job does', async () => {
    const id = await submit();
    const first = await get(id);
    expect(first.headers.get('etag')).toBe('"1"');
    expect((await get(id)).headers.get('etag')).toBe('"1"');
    await (await takeForTraining(service.runs, id)).epoch(0.7, 0.7);
    const next = await get(id, '', { 'if-none-match': '"1"' });
    expect([next.status, next.headers.get('etag'), ((await next.json()) as Job).revision]).toEqual([200, '"3"', 3]);
  });

  it.each(['"1"', 'W/"1"', '"0", "1"', '*'])('is matched by If-None-Match: %s', async (tag) => {
    const response = await get(await submit(), '', { 'if-none-match': tag });
    expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', '"1"']);
  });

  it.each(['"2"', '1', '"11"', '""'])('is not matched by If-None-Match: %s', async (tag) => {
    expect((await get(await submit(), '', { 'if-none-match': tag })).status).toBe(200);
  });
});

describe('wait', () => {
  it('holds the answer until the revision changes', async () => {
    const id = await submit();
    let answered = false;
    const waiting = get(id, '?wait=30', { 'if-none-match': '"1"' }).then((response) => {
      answered = true;
      return response;
    });
    await delay(150);
    expect(answered).toBe(false);
    await service.runs.cancel(id);
    expect(await (await waiting).json()).toMatchObject({ state: 'cancelled', revision: 2 });
  });

  it('without If-None-Match waits for a change after its arrival', async () => {
    const id = await submit();
    const waiting = get(id, '', { prefer: 'respond-async, wait=30' });
    await delay(100);
    await service.runs.cancel(id);
    const response = await waiting;
    expect(response.headers.get('preference-applied')).toBe('wait=30');
    expect(((await response.json()) as Job).revision).toBe(2);
  });

  it('answers at once when the client has an older revision, and when the job has ended', async () => {
    const id = await submit();
    expect((await get(id, '?wait=60', { 'if-none-match': '"0"' })).status).toBe(200);
    await service.runs.cancel(id);
    expect((await get(id, '?wait=60', { 'if-none-match': '"2"' })).status).toBe(304);
  });

  it('answers 304 when the time is over', async () => {
    expect((await get(await submit(), '?wait=1', { 'if-none-match': '"1"' })).status).toBe(304);
  });

  it('is answered before a proxy gives up, also when more is asked for', async () => {
    const { wait_seconds } = (await service.app.inject({ url: '/v1/capabilities' })).json().limits;
    expect(wait_seconds).toBeLessThanOrEqual(55);
    const impatient = await startService({ limits: { heldMs: 1_000 } });
    const { id } = (await impatient.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json();
    const headers = { 'if-none-match': '"1"' };
    expect((await impatient.app.inject({ url: `/v1/jobs/${id}?wait=60`, headers })).statusCode).toBe(304);
    const preferred = await impatient.app.inject({ url: `/v1/jobs/${id}`, headers: { ...headers, prefer: 'wait=3600' } });
    expect([preferred.statusCode, preferred.headers['preference-applied']]).toEqual([304, 'wait=1']);
    await impatient.stop();
  });

  it('answers 404 when the job is gone meanwhile', async () => {
    const id = await submit();
    const waiting = get(id, '?wait=30');
    await delay(100);
    await rm(join(service.dataDir, 'runs', id), { recursive: true });
    expect((await waiting).status).toBe(404);
  });

  it('reads the run once for all who wait for it, and no longer than somebody does', async () => {
    const id = await submit();
    let reads = 0;
    const { children } = service.blobs;
    const counted = (prefix: string, after?: string) => {
      if (prefix === `runs/${id}/state`) reads++;
      return children(prefix, after);
    };
    Object.assign(service.blobs, { children: counted });
    const leaving = new AbortController();
    const waiting = Array.from({ length: 50 }, () => fetch(`${url}/v1/jobs/${id}?wait=60`, { signal: leaving.signal }).catch(() => null));
    await delay(500);
    reads = 0;
    await delay(400);
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(30);
    leaving.abort();
    await Promise.all(waiting);
    await delay(200);
    reads = 0;
    await delay(200);
    expect(reads).toBe(0);
    Object.assign(service.blobs, { children });
  });

  it.each(['?wait=61', '?wait=-1', '?wait=soon', '?hold=5'])('refuses %s', async (query) => {
    expect((await get(await submit(), query)).status).toBe(422);
  });

  it('ends when the service does', async () => {
    const other = await startService();
    const address = await other.app.listen({ host: '127.0.0.1', port: 0 });
    const { id } = (await other.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json();
    const waiting = fetch(`${address}/v1/jobs/${id}?wait=60`);
    await delay(200);
    await other.stop();
    expect((await waiting).status).toBe(200);
  });
});
