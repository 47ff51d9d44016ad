import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
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

/** Reads an answer without keeping it. Asks again when the service is too busy to answer in time. */
async function readAll(url: string, headers: Record<string, string> = {}) {
  for (;;) {
    const answer = await fetch(url, { headers });
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of answer.body ?? []) {
      hash.update(chunk);
      length += chunk.length;
    }
    if (answer.status !== 503) return { status: answer.status, headers: answer.headers, length, sha256: hash.digest('hex') };
    await delay(1_000);
  }
}

it('twenty readers of a job’s 150,000 points get them from an API with little memory', async () => {
  const id = await submitLongRun(service, SEED, 6);
  await startApi(128);
  const answers = await Promise.all(Array.from({ length: 20 }, () => readAll(`${api.url}/v1/jobs/${id}/metrics?by=step`)));
  expect(answers.filter(({ status, sha256 }) => status !== 200 || sha256 !== answers[0]?.sha256)).toEqual([]);
  expect(answers[0]?.length).toBeGreaterThan(6 * MIB);
  expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
}, 300_000);

it('a model costs its API less memory than its size, however many want it or a byte of it', async () => {
  const large = { ...SEED, model: { dense: [4096, 4096].map((units) => ({ units, activation: 'relu' })) } };
  const id = await submitLongRun(service, large, 1);
  await startApi(256);
  const path = `${api.url}/v1/jobs/${id}/checkpoints/latest/model`;
  await fetch(`${api.url}/v1/jobs/${id}`);
  const before = peak();
  const ask = async (range?: string) => {
    const { status, length, sha256, headers } = await readAll(path, range === undefined ? {} : { range });
    expect(headers.get('content-length')).toBe(String(length));
    return [status, length, headers.get('etag') === `"${sha256}"` ? 'whole' : 'part'];
  };
  expect(await Promise.all(Array.from({ length: 8 }, () => ask('bytes=0-0')))).toEqual(Array.from({ length: 8 }, () => [206, 1, 'part']));
  const wholes = await Promise.all(Array.from({ length: 4 }, () => ask()));
  const size = Number(wholes[0]?.[1]);
  expect(size).toBeGreaterThan(60 * MIB);
  expect(wholes).toEqual(Array.from({ length: 4 }, () => [200, size, 'whole']));
  expect(peak() - before).toBeLessThan(size);
}, 300_000);
