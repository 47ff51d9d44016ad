import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DatasetMissing,
  EngineUnavailable,
  type EpochdError,
  NotFinite,
  QueueUnavailable,
  StorageFull,
} from '../../../src/contract/errors.ts';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { takeForTraining } from '../trained-run.ts';

/* What clients are told, and what only the log holds. */

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const submit = async (): Promise<string> => (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json().id;

const FAULTS: readonly (readonly [EpochdError, RegExp])[] = [
  [
    new StorageFull('no room to write /srv/my data/runs/job_1.tmp: free some space and try again'),
    /^no room to write \[path\]: free some space/,
  ],
  [
    new QueueUnavailable('Redis does not answer: its connection is reconnecting (connect ECONNREFUSED 10.1.2.3:6379)'),
    /^Redis does not answer/,
  ],
  [new QueueUnavailable('Redis does not answer (getaddrinfo ENOTFOUND redis.internal.example)'), /^Redis does not answer/],
  [new QueueUnavailable('Redis does not answer (connect ECONNREFUSED ::1:6379)'), /^Redis does not answer/],
  [new QueueUnavailable('Redis does not answer (connect ENOENT /srv/my data/redis.sock)'), /^Redis does not answer/],
  [new QueueUnavailable('no sentinel answers: sentinel-1.internal.example:26379, [fd00::5]:26379'), /^no sentinel answers/],
  [
    new DatasetMissing(
      "/root/.cache/epochd/imdb.npz: cannot be read (ENOENT: no such file or directory, open '/root/.cache/epochd/imdb.npz'): set EPOCHD_IMDB_PATH",
    ),
    /cannot be read \(ENOENT: no such file.*set EPOCHD_IMDB_PATH/,
  ],
  [
    new DatasetMissing(
      'http://ann:s3cret@mirror.internal.example:8000/imdb.npz: cannot be downloaded to /srv/my data/imdb.npz (fetch failed)',
    ),
    /cannot be downloaded to \[path\] \(fetch failed\)/,
  ],
  [
    new EngineUnavailable('tensorflow cannot be loaded: /opt/tf/lib/libtensorflow.so.2: cannot open shared object file'),
    /^tensorflow cannot be loaded/,
  ],
];
const SECRETS = /srv|my data|root|cache|10\.1\.2\.3|::|6379|internal|s3cret|redis\.sock|opt\/tf|sentinel-1/;

describe.each(FAULTS)('%s', (fault, sentence) => {
  it('is told without places on the server, which the log holds', async () => {
    const { depth } = service.queue;
    Object.assign(service.queue, { depth: async () => Promise.reject(fault) });
    const response = await service.app.inject({ url: '/v1/queue' });
    Object.assign(service.queue, { depth });
    expect(response.json().detail).toMatch(sentence);
    expect(response.json().detail).not.toMatch(SECRETS);
    const { request_id } = response.json();
    expect(JSON.stringify(service.logged.filter((line) => line.request_id === request_id))).toContain(
      JSON.stringify(fault.message).slice(1, -1),
    );
  });

  it('is told so as the error of a job, too', async () => {
    const id = await submit();
    await service.runs.claim(id, { worker: 'test', maxAttempts: 3 });
    await service.runs.end(id, 1, { type: 'failed', error: fault }, 0);
    const { error } = (await service.app.inject({ url: `/v1/jobs/${id}` })).json();
    expect(error).toMatchObject({ code: fault.code, message: expect.stringMatching(sentence) });
    expect(error.message).not.toMatch(SECRETS);
  });
});

it('a service that is not ready says of what, and not where', async () => {
  const lost = await startService();
  await rm(lost.dataDir, { recursive: true });
  lost.redis.kill('SIGKILL');
  const response = await lost.app.inject({ url: '/readyz' });
  expect(response.statusCode).toBe(503);
  expect(response.body).not.toContain(lost.dataDir);
  expect(response.body).not.toMatch(/127\.0\.0\.1|sock/);
  await lost.stop();
});

describe('a result that will not come', () => {
  const text = async (id: string, path: string) => {
    const response = await service.app.inject({ url: `/v1/jobs/${id}/${path}` });
    return path === 'curves.svg' ? response.body : response.json().detail;
  };

  it('is not promised after a run that was cancelled while it waited', async () => {
    const id = await submit();
    expect(await text(id, 'checkpoints/best')).toContain('no checkpoint yet');
    await service.runs.cancel(id);
    for (const path of ['checkpoints/best', 'checkpoints/latest/model', 'manifest', 'curves.svg']) {
      expect(await text(id, path), path).not.toMatch(/\byet\b|is written when/);
      expect(await text(id, path), path).toMatch(/cancelled/);
    }
    expect((await service.app.inject({ url: `/v1/jobs/${id}/checkpoints/best` })).json().code).toBe('no_checkpoint_yet');
  });

  it('is not promised after a run that never had a finite loss', async () => {
    const id = await submit();
    await service.runs.claim(id, { worker: 'test', maxAttempts: 3 });
    await service.runs.end(id, 1, { type: 'failed', error: new NotFinite('the loss of step 1 is not a number') }, 0);
    expect(await text(id, 'checkpoints/best/model')).toMatch(/has no checkpoint: it failed \(not_finite\) before an epoch ended/);
    expect(await text(id, 'curves.svg')).toContain('failed before an epoch ended');
    const other = await submit();
    await (await takeForTraining(service.runs, other)).epoch(Number.NaN, Number.NaN);
    expect(await text(other, 'curves.svg')).toContain('no epoch had a finite loss');
  });
});

it('a plot of an older run spells out what its name must not hold', async () => {
  const id = await submit();
  const spec = join(service.dataDir, 'runs', id, 'run.json');
  const { birth } = await service.runs.read(id);
  await writeFile(spec, JSON.stringify({ ...birth, spec: { ...birth.spec, name: 'a\u202eb\u2028c\ufffe' } }));
  expect(await service.app.inject({ url: `/v1/jobs/${id}/curves.svg` })).toMatchObject({
    statusCode: 200,
    body: expect.stringContaining('a\\u202eb\\u2028c\\ufffe'),
  });
});
