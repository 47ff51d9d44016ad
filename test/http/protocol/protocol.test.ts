import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { bodyIn, talk } from '../talk.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ limits: { requestMs: 400, headersMs: 300 } });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => service.stop());

const inject = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS',
  url: string,
  headers: Record<string, string> = {},
) => service.app.inject({ method, url, headers });

describe('every refusal is a problem document', () => {
  it.each([
    ['GET', '/nope', 404, 'route_not_found'],
    ['GET', '/v1', 404, 'route_not_found'],
    ['POST', '/v1/jobs/x/explode', 404, 'route_not_found'],
    ['GET', '/docs/static/nope.js', 404, 'route_not_found'],
    ['GET', '/%zz', 404, 'route_not_found'],
    ['GET', '/v1/jobs/none', 404, 'job_not_found'],
    ['POST', '/v1/jobs/none/cancel', 404, 'job_not_found'],
    ['GET', '/v1/jobs?x=1', 422, 'request_invalid'],
    ['GET', '/v1/jobs?limit=1e1', 422, 'request_invalid'],
    ['GET', '/v1/jobs/none?wait=', 422, 'request_invalid'],
    ['GET', '/v1/jobs/none?wait=0x10', 422, 'request_invalid'],
    ['GET', '/v1/jobs/none/metrics?after_step=', 422, 'request_invalid'],
  ] as const)('%s %s: %i %s', async (method, url, status, code) => {
    const response = await inject(method, url);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({ type: `urn:epochd:problem:${code}`, status, code, instance: url.split('?')[0] });
    expect(response.statusCode).toBe(status);
    expect(response.body).not.toMatch(/node_modules|\.ts:\d/);
  });

  it.each([
    ['PUT', '/v1/jobs', 'GET, HEAD, POST'],
    ['PATCH', '/v1/jobs/job_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'DELETE, GET, HEAD'],
    ['GET', '/v1/jobs/job_01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel', 'POST'],
    ['DELETE', '/healthz', 'GET, HEAD'],
    ['OPTIONS', '/v1/queue', 'GET, HEAD'],
  ] as const)('%s %s: 405 with Allow', async (method, url, allow) => {
    const response = await inject(method, url);
    expect([response.statusCode, response.headers.allow, response.json().code]).toEqual([405, allow, 'method_not_allowed']);
  });

  it('405 and 404 come before the body is looked at', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await service.app.inject({ method: 'PUT', url: '/v1/jobs', headers, payload: '{' })).statusCode).toBe(405);
    expect((await service.app.inject({ method: 'POST', url: '/nope', headers, payload: '{' })).statusCode).toBe(404);
    expect(await talk(service, 'QUERY /v1/queue HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 405 /);
  });

  it('500 tells the client nothing and the log everything', async () => {
    const { depth } = service.queue;
    Object.assign(service.queue, { depth: async () => Promise.reject(new TypeError('the secret of the stack')) });
    const response = await inject('GET', '/v1/queue');
    Object.assign(service.queue, { depth });
    expect([response.statusCode, response.json().code]).toEqual([500, 'internal_error']);
    expect(response.body).not.toContain('secret');
    const line = service.logged.find(({ msg }) => msg === 'the request failed');
    expect(line).toMatchObject({ request_id: response.json().request_id, err: { message: 'the secret of the stack' } });
  });

  it('408 for a body that does not arrive, 408 for headers that do not end', async () => {
    const body = await talk(
      service,
      'POST /v1/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"data',
    );
    expect(body).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyIn(body).code).toBe('request_timeout');
    expect(await talk(service, 'GET / HTTP/1.1\r\nhost: localhost\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('400 for what is no HTTP, 431 for endless headers', async () => {
    const answer = await talk(service, 'HELO epochd\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyIn(answer).code).toBe('request_malformed');
    expect(bodyIn(await talk(service, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).code).toBe(
      'headers_too_large',
    );
  });
});

describe('each answer', () => {
  it('carries the request id, a sane one of the client or a new one', async () => {
    expect((await inject('GET', '/healthz', { 'x-request-id': 'abc-1' })).headers['x-request-id']).toBe('abc-1');
    for (const id of ['two words', 'x'.repeat(101), '{"a":1}']) {
      expect((await inject('GET', '/healthz', { 'x-request-id': id })).headers['x-request-id']).toMatch(/^req_/);
    }
  });

  it('is logged with the ids of its request and of its job', async () => {
    const { id } = (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json();
    await inject('GET', `/v1/jobs/${id}/history`, { 'x-request-id': 'trace-7', authorization: 'Bearer s3cret', cookie: 'a=s3cret' });
    const lines = service.logged.filter(({ request_id }) => request_id === 'trace-7');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.job_id).toBe(id);
    expect(service.logged.some(({ msg, job_id }) => msg === 'a job was accepted' && job_id === id)).toBe(true);
    expect(JSON.stringify(service.logged)).not.toContain('s3cret');
  });

  it('is not sniffed, framed or kept', async () => {
    expect((await inject('GET', '/healthz')).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });

  it('has no body for HEAD', async () => {
    const response = await inject('HEAD', '/healthz');
    expect([response.statusCode, response.body]).toEqual([200, '']);
  });
});

describe('the headers for an answer that may do nothing in a browser', () => {
  it.each(['/healthz', '/v1/jobs', '/nothing', '/docs-of-mine', '/docs/static/nope.js', '/openapi.json'])('stand on %s', async (path) => {
    expect((await inject('GET', path)).headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  it('also where no route is, whatever the path looks like', async () => {
    for (const path of ['/nothing', '/docs-of-mine', '/docsify']) {
      expect((await inject('GET', path)).headers['content-security-policy']).toContain("default-src 'none'");
    }
  });
});

describe('the description', () => {
  it('is served as JSON, and as a page that loads nothing from elsewhere', async () => {
    expect((await inject('GET', '/openapi.json')).json().openapi).toBe('3.1.0');
    const page = await inject('GET', '/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    const [, script = ''] = /src="\.\/(static\/swagger-ui-bundle\.js)"/.exec(page.body) ?? [];
    expect((await inject('GET', `/docs/${script}`)).statusCode).toBe(200);
  });
});
