import { afterEach, describe, expect, test } from 'vitest';
import { connectClient, RequestRefused, ServiceUnreachable } from '../../src/cli/client.ts';
import { type Sight, watchJob } from '../../src/cli/watch-job.ts';
import { losses, scriptedService, sendJson, someJob } from './scripted-service.ts';

let closeService: () => Promise<void> = async () => {};

afterEach(() => closeService());

async function serviceOf(answer: Parameters<typeof scriptedService>[0]) {
  const service = await scriptedService(answer);
  closeService = service.close;
  return service;
}

describe('the client', () => {
  test('shows a problem with every pointer', async () => {
    const errors = [
      { pointer: '/training/epochs', detail: 'expected at least 1' },
      { pointer: '', detail: 'expected a dataset' },
    ];
    const { url } = await serviceOf((_, response) =>
      sendJson(response, { title: 'Invalid', detail: 'two problems', errors }, 422, 'application/problem+json'),
    );
    const failure = await connectClient(url)
      .submit('{}')
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RequestRefused);
    expect(failure).toMatchObject({
      status: 422,
      message: 'two problems\n  /training/epochs: expected at least 1\n  /: expected a dataset',
    });
  });

  test('says where it found nobody, and how to start one', async () => {
    const { url, close } = await serviceOf(() => undefined);
    await close();
    await expect(connectClient(url).get('job_1')).rejects.toThrow(
      `no epochd answers at ${url} (ECONNREFUSED): start one with "epochd serve"`,
    );
  });

  test('does not take another server for epochd', async () => {
    const { url } = await serviceOf((_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>'));
    await expect(connectClient(url).get('job_1')).rejects.toThrow(ServiceUnreachable);
    await expect(connectClient(url).get('job_1')).rejects.toThrow('expected a problem document');
  });

  test('keeps the path of a service behind a proxy', async () => {
    const paths: (string | undefined)[] = [];
    const { url } = await serviceOf((request, response) => {
      paths.push(request.url);
      sendJson(response, someJob());
    });
    await connectClient(`${url}/lstm`).get('../a b');
    expect(paths).toEqual(['/lstm/v1/jobs/..%2Fa%20b']);
  });
});

describe('watching a job', () => {
  test('outlasts a restart of the service, says so, and misses no epoch', async () => {
    let revision = 2;
    const service = await serviceOf((request, response) => {
      if (request.url?.endsWith('/history'))
        return sendJson(response, losses(...Array.from({ length: revision - 2 }, (_, i) => 0.5 - i / 10)));
      return sendJson(response, someJob({ revision, is_terminal: revision === 5 }));
    });
    const said: string[] = [];
    const sights: Sight[] = [];
    for await (const sight of watchJob(connectClient(service.url), 'job_1', {
      stepsEveryMs: null,
      say: (sentence) => void said.push(sentence),
    })) {
      sights.push(sight);
      if (sights.length > 1) continue;
      await service.close();
      revision = 5;
      setTimeout(() => void service.open(), 300);
    }
    expect(said).toEqual(['the service does not answer: waiting for it', 'the service answers again']);
    expect(sights.map(({ history }) => history.epoch.length)).toEqual([0, 3]);
  });

  test('holds its requests until the revision changes', async () => {
    const asked: string[] = [];
    const { url } = await serviceOf((request, response) => {
      if (request.url?.endsWith('/history')) return sendJson(response, losses());
      asked.push(`${request.url?.split('?')[1] ?? ''} ${request.headers['if-none-match'] ?? ''}`);
      if (asked.length === 2) return response.writeHead(304).end();
      return sendJson(response, someJob({ revision: asked.length, is_terminal: asked.length === 3 }));
    });
    const sights: Sight[] = [];
    for await (const sight of watchJob(connectClient(url), 'job_1', { stepsEveryMs: null, say: () => undefined })) sights.push(sight);
    expect(asked).toEqual([' ', 'wait=30 "1"', 'wait=30 "1"']);
    expect(sights).toHaveLength(2);
  });

  test('ends at once when there is no service to begin with, or no such job', async () => {
    const watchOnce = async (url: string) => {
      for await (const _ of watchJob(connectClient(url), 'job_1', { stepsEveryMs: null, say: () => undefined }))
        throw new Error('expected no sight');
    };
    const problem = { title: 'Not Found', detail: 'no job "job_1"' };
    const service = await serviceOf((_, response) => sendJson(response, problem, 404, 'application/problem+json'));
    await expect(watchOnce(service.url)).rejects.toThrow('no job "job_1"');
    await service.close();
    await expect(watchOnce(service.url)).rejects.toThrow(ServiceUnreachable);
  });
});
