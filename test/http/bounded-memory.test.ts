import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ServedService, serve } from '../epochd.ts';
import { SEED } from '../seed-job.ts';
import { submitLongRun } from './long-run.ts';
import { type Service, startService } from './service.ts';

const MIB = 2 ** 20;

let service: Service;
let api: ServedService;
beforeEach(async () => {
  service = await startService();
});
afterEach(async () => {
  await api.end('SIGTERM');
  await service.stop();
});

/** Another API on the same run directories, in a process of its own. */
async function startApi(heapMiB: number): Promise<void> {
  const env = { REDIS_URL: service.redis.url, NODE_OPTIONS: `--max-old-space-size=${heapMiB}` };
  api = await serve(service.dataDir, env, 'api');
}

/** The most memory that the API ever had, in bytes. */
function peak(): number {
  const [, kib] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${api.process.pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

it('twenty readers of a job’s 350,000 points get them from an API with little memory', async () => {
  const id = await submitLongRun(service, SEED, 14);
  await startApi(128);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const answer = await fetch(`${api.url}/v1/jobs/${id}/metrics?by=step`);
      const hash = createHash('sha256');
      let length = 0;
      for await (const chunk of answer.body ?? []) {
        hash.update(chunk);
        length += chunk.length;
      }
      return { status: answer.status, length, sha256: hash.digest('hex') };
    }),
  );
  expect(answers.filter(({ status, sha256 }) => status !== 200 || sha256 !== answers[0]?.sha256)).toEqual([]);
  expect(answers[0]?.length).toBeGreaterThan(14 * MIB);
  expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
}, 120_000);

it('a model costs its API less memory than its size, however many want it or a byte of it', async () => {
  const large = { ...SEED, model: { dense: [4096, 4096].map((units) => ({ units, activation: 'relu' })) } };
  const id = await submitLongRun(service, large, 1);
  await startApi(256);
  const path = `${api.url}/v1/jobs/${id}/checkpoints/latest/model`;
  await fetch(`${api.url}/v1/jobs/${id}`);
  const before = peak();
  const ask = async (range?: string): Promise<[number, number, string]> => {
    const answer = await fetch(path, { headers: range === undefined ? {} : { range } });
    let length = 0;
    const hash = createHash('sha256');
    for await (const chunk of answer.body ?? []) {
      length += chunk.length;
      hash.update(chunk);
    }
    expect(answer.headers.get('content-length')).toBe(String(length));
    return [answer.status, length, `"${hash.digest('hex')}"` === answer.headers.get('etag') ? 'whole' : 'part'];
  };
  expect(await Promise.all(Array.from({ length: 8 }, () => ask('bytes=0-0')))).toEqual(Array(8).fill([206, 1, 'part']));
  const wholes = await Promise.all(Array.from({ length: 4 }, () => ask()));
  const size = wholes[0]?.[1] ?? 0;
  expect(size).toBeGreaterThan(60 * MIB);
  expect(wholes).toEqual(Array(4).fill([200, size, 'whole']));
  expect(peak() - before).toBeLessThan(size);
}, 120_000);
