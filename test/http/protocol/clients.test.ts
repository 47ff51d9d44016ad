import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { bodyIn, statusIn, talk } from '../talk.ts';
import { takeForTraining } from '../trained-run.ts';

/* What browsers, curl and the libraries of other languages send, to the letter. */

let service: Service;
let trained: string;
beforeAll(async () => {
  service = await startService();
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  trained = await submit();
  const training = await takeForTraining(service.runs, trained);
  await training.claim.writeProvenance({ id: trained, seed: 1 });
  await training.epoch(0.7, 0.6);
  await training.succeed();
});
afterAll(() => service.stop());

type Method = 'GET' | 'HEAD' | 'POST' | 'DELETE';
const inject = (method: Method, url: string, headers: Record<string, string> = {}) => service.app.inject({ method, url, headers });
const submit = async (): Promise<string> => (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json().id;
const ended = async (): Promise<string> => {
  const id = await submit();
  await service.runs.cancel(id);
  return id;
};
const raw = (head: string, body = '') => talk(service, `${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n${body}`);

/** Of generated clients and of Swagger UI, of a browser's address line, of jQuery, of nobody in particular. */
const ACCEPTS = [
  'application/problem+json',
  'application/json, application/problem+json',
  'text/html,application/xhtml+xml,application/xml;q=0.9',
  'text/plain, */*; q=0.01',
  'application/json;q=0',
  'image/avif',
];

describe.each(ACCEPTS)('Accept: %s', (accept) => {
  it('is no reason to refuse what comes in one type only', async () => {
    const { paths } = (await inject('GET', '/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>();
    const gets = Object.keys(paths).filter((path) => paths[path]?.get && !path.endsWith('/metrics'));
    expect(gets.length).toBeGreaterThan(10);
    for (const path of gets) expect((await inject('GET', path.replace('{id}', trained), { accept })).statusCode, path).toBe(200);
    const id = await submit();
    expect((await inject('POST', `/v1/jobs/${id}/cancel`, { accept })).statusCode).toBe(202);
    expect((await inject('POST', `/v1/jobs/${id}/retry`, { accept })).statusCode).toBe(202);
    expect((await inject('DELETE', `/v1/jobs/${await ended()}`, { accept })).statusCode).toBe(204);
    const posted = { method: 'POST', headers: { accept }, payload: SEED } as const;
    expect((await service.app.inject({ ...posted, url: '/v1/jobs/validate' })).statusCode).toBe(200);
    expect((await service.app.inject({ ...posted, url: '/v1/jobs' })).statusCode).toBe(202);
  });
});

describe('an empty body', () => {
  const TYPES = ['application/x-www-form-urlencoded', 'application/json', 'text/plain;charset=UTF-8', 'multipart/form-data', 'none', ''];

  it.each(TYPES)('may be said to be of the type %j', async (type) => {
    const id = await submit();
    const head = (path: string) => `POST ${path} HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: 0`;
    expect(statusIn(await raw(head(`/v1/jobs/${id}/cancel`)))).toBe(202);
    expect(statusIn(await raw(head(`/v1/jobs/${id}/retry`)))).toBe(202);
    expect(statusIn(await raw(`DELETE /v1/jobs/${await ended()} HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: 0`))).toBe(204);
    expect(bodyIn(await raw(head('/v1/jobs'))).code).toBe('spec_invalid');
  });

  it.each(['', 'Content-Type: application/x-www-form-urlencoded\r\n', 'Content-Type: application/json\r\n'])(
    'may come in chunks, of which there are none: %j',
    async (type) => {
      const head = `POST /v1/jobs/${await submit()}/cancel HTTP/1.1\r\n${type}Transfer-Encoding: chunked`;
      expect(statusIn(await raw(head, '0\r\n\r\n'))).toBe(202);
    },
  );

  it('is as good as {} and null where no body is expected; another type is refused, whole or in chunks', async () => {
    const act = async (payload: string, type = 'application/json') =>
      service.app.inject({
        method: 'POST',
        url: `/v1/jobs/${await submit()}/cancel`,
        headers: { 'content-type': type },
        payload,
      });
    expect([(await act('{}')).statusCode, (await act('null')).statusCode]).toEqual([202, 202]);
    expect((await act('a=1', 'application/x-www-form-urlencoded')).json()).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
      detail: 'Content-Type: application/x-www-form-urlencoded: expected a body of the type application/json',
    });
    const chunked = `POST /v1/jobs HTTP/1.1\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked`;
    expect(bodyIn(await raw(chunked, '2\r\n{}\r\n0\r\n\r\n'))).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });
});

describe('the type of a body', () => {
  it.each([
    'application/json; charset=us-ascii',
    'application/json;charset=US-ASCII',
    'application/json; charset="utf-8"',
    'application/json; charset=utf8',
    'APPLICATION/JSON ; Charset=UTF-8',
    'application/json;',
    'application/json; version=1; charset=utf-8',
  ])('%s is taken', async (type) => {
    const body = JSON.stringify(SEED);
    const head = `POST /v1/jobs/validate HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}`;
    expect(bodyIn(await raw(head, body)).valid).toBe(true);
  });

  it('is named when it is compressed, or in another character set', async () => {
    const send = (headers: Record<string, string>) =>
      service.app.inject({ method: 'POST', url: '/v1/jobs', headers: { 'content-type': 'application/json', ...headers }, payload: '{}' });
    expect((await send({ 'content-encoding': 'gzip' })).json().detail).toContain('Content-Encoding: gzip');
    expect((await send({ 'content-type': 'application/json; charset=utf-16' })).json().detail).toContain('charset=utf-16');
  });
});

describe('a path', () => {
  it('may end with a slash, hold two where one would do, be escaped, or follow its host', async () => {
    for (const path of [
      '/v1/jobs/',
      '//v1/jobs',
      `/v1/jobs/${trained}/`,
      `/v1/jobs/${trained}/history/`,
      `/v1/jobs/job%5F${trained.slice(4)}`,
      '/healthz/',
    ])
      expect((await inject('GET', path)).statusCode, path).toBe(200);
    expect((await inject('POST', `/v1/jobs/${await submit()}/cancel/`)).statusCode).toBe(202);
    expect((await inject('DELETE', `/v1/jobs/${await ended()}/`)).statusCode).toBe(204);
    expect((await inject('PUT' as Method, '/v1/jobs/')).headers.allow).toBe('GET, HEAD, POST');
    expect(statusIn(await raw('GET http://localhost/v1/jobs?limit=1 HTTP/1.1'))).toBe(200);
    expect(statusIn(await raw('GET http://evil.example/v1/jobs HTTP/1.1'))).toBe(421);
  });

  it.each(['/v1/jobs/validate', '/v1/jobs/validate/', '/v1/jobs/val%69date', '/v1/jobs/validate?x=1'])(
    'that is not that of a job is none: GET and DELETE %s say which methods there are',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'DELETE'] as const) {
        const response = await inject(method, path);
        expect([response.statusCode, response.headers.allow], method).toEqual([405, 'POST']);
      }
    },
  );
});

describe('old and careful clients', () => {
  it('may speak HTTP/1.0 and name no host, as health checks do', async () => {
    expect(await talk(service, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('may ask whether to go on before they send a body', async () => {
    const body = JSON.stringify(SEED);
    const head = `POST /v1/jobs/validate HTTP/1.1\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    expect(await raw(head, body)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  it('learn that methods are written in capitals', async () => {
    expect(bodyIn(await raw('patch /v1/jobs HTTP/1.1'))).toMatchObject({ status: 400, detail: expect.stringContaining('in capitals') });
  });
});
