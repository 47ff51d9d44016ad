import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { bodyIn, statusIn, talk } from '../talk.ts';

let service: Service;
let open: Service;
beforeAll(async () => {
  service = await startService();
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  open = await startService({
    loopbackOnly: false,
    allowedHosts: ['Train.example', 'dev.example:3000'],
    publicUrl: 'https://public.example:8443/epochd',
  });
});
afterAll(async () => {
  await service.stop();
  await open.stop();
});

const get = async ({ app }: Service, host: string) => (await app.inject({ url: '/v1/jobs', headers: { host } })).statusCode;

describe('a name of another machine cannot pass for this one', () => {
  it.each([
    'evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    '127.0.0.1.nip.io',
    'localhost@evil.example',
    'localhost:80:80',
    'localhost:99999999',
  ])('on loopback: Host %j', async (host) => {
    const response = await service.app.inject({ url: '/v1/jobs', headers: { host } });
    expect([response.statusCode, response.json().code]).toEqual([421, 'host_not_allowed']);
  });

  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '127.8.8.8', '[::1]:8080', hostname()])(
    'Host %s is this machine',
    async (host) => {
      expect(await get(service, host)).toBe(200);
    },
  );

  it.each(['evil.example', '127.0.0.1.nip.io', 'train.example.evil.example', 'evil.local.example'])(
    'beyond loopback: Host %s',
    async (host) => {
      const response = await open.app.inject({ url: '/v1/jobs', headers: { host } });
      expect(response.json()).toMatchObject({
        status: 421,
        code: 'host_not_allowed',
        detail: expect.stringContaining('EPOCHD_ALLOWED_HOSTS'),
      });
    },
  );

  it.each([
    '192.168.1.5:8080',
    '[fd00::5]',
    'localhost',
    'api:8080',
    'gpu-box.local',
    'api.ml.svc.cluster.local',
    'train.example',
    'TRAIN.example:8080',
    'public.example',
    'dev.example:3000',
  ])('beyond loopback a network keeps its names: Host %s', async (host) => {
    expect(await get(open, host)).toBe(200);
  });

  it('two Host headers are none', async () => {
    const answer = await talk(service, 'GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect([statusIn(answer), bodyIn(answer).errors[0].pointer]).toEqual([422, '/Host']);
  });
});

describe('a page of another site cannot change anything through a visitor', () => {
  const cancel = async ({ app }: Service, headers: Record<string, string>) => {
    const { id } = (await app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json();
    return (await app.inject({ method: 'POST', url: `/v1/jobs/${id}/cancel`, headers })).statusCode;
  };

  it.each<[string, Record<string, string>]>([
    ['an old browser says only Origin', { origin: 'http://evil.example' }],
    ['another port is another site', { host: 'localhost:8080', origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }],
    ['a sandbox has no origin', { origin: 'null' }],
    ['no origin, but a site', { 'sec-fetch-site': 'same-site' }],
    ['no origin, but another site', { 'sec-fetch-site': 'cross-site' }],
    ['a site that calls itself the same', { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }],
    ['an origin that is none', { origin: '://' }],
    ['a host that holds this one', { host: 'localhost', origin: 'http://localhost.evil.example' }],
    ['another name of this machine', { host: 'localhost:8080', origin: 'http://127.0.0.1:8080' }],
  ])('%s', async (_, headers) => {
    expect(await cancel(service, headers)).toBe(421);
    const response = await service.app.inject({ method: 'POST', url: '/v1/jobs', headers, payload: SEED });
    expect([response.statusCode, response.json().code]).toEqual([421, 'host_not_allowed']);
    expect((await service.app.inject({ method: 'DELETE', url: '/v1/jobs/none', headers })).statusCode).toBe(421);
    expect((await service.app.inject({ url: '/v1/queue', headers })).statusCode).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['curl and the command line say nothing', {}],
    ['the docs page', { host: 'localhost:8080', origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }],
    ['a form of an address line', { 'sec-fetch-site': 'none' }],
    ['a browser behind a proxy that ends TLS', { host: 'localhost', origin: 'https://localhost' }],
    ['a default port', { host: 'localhost:80', origin: 'http://localhost' }],
  ])('the own page and programs can: %s', async (_, headers) => {
    expect(await cancel(service, headers)).toBe(202);
  });

  it('the page of the public address can, and one of an allowed host, whatever a proxy makes of Host', async () => {
    for (const origin of ['https://public.example:8443', 'http://train.example', 'http://dev.example:3000'])
      expect(await cancel(open, { host: '10.0.0.5:8080', origin }), origin).toBe(202);
    expect(await cancel(open, { host: '10.0.0.5:8080', origin: 'http://dev.example:3001' })).toBe(421);
  });
});
