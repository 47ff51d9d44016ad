import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

// node test/measure/post-latency.mjs [POSTS] [CANCELS]
//
// How long a POST takes until its 202 while a training uses the machine, and how long a cancel takes until the trainer is
// gone. Starts a service of its own (npx tsc first) and prints one JSON line for each of the two, in milliseconds.

const posts = Number(process.argv[2] ?? 200);
const cancels = Number(process.argv[3] ?? 10);
const spec = {
  dataset: { source: 'imdb-mini' },
  training: { epochs: 10_000 },
  callbacks: { early_stopping: null },
};

const dataDir = mkdtempSync(join(tmpdir(), 'epochd-measure-'));
const service = spawn(process.execPath, [resolve('dist/main.js'), 'serve'], {
  env: { ...process.env, EPOCHD_PORT: '0', EPOCHD_DATA_DIR: dataDir, EPOCHD_LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'pipe', 'inherit'],
});

try {
  const url = await address();
  print('cancel until the trainer is gone', await measureCancels(url));
  print('POST until 202, beside a training', await measurePosts(url));
} finally {
  service.kill('SIGTERM');
  await once(service, 'exit');
  rmSync(dataDir, { recursive: true, force: true });
}

async function address() {
  for await (const line of createInterface({ input: service.stdout })) {
    const [, url] = /listens on (\S+)/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('epochd serve ended before it listened');
}

async function measurePosts(url) {
  await startTraining(url);
  const times = [];
  for (let i = 0; i < posts; i++) times.push(await time(() => post(`${url}/v1/jobs`, { ...spec, priority: 1000 })));
  return times;
}

async function measureCancels(url) {
  const times = [];
  for (let i = 0; i < cancels; i++) {
    const id = await startTraining(url);
    times.push(
      await time(async () => {
        await post(`${url}/v1/jobs/${id}/cancel`);
        while (!(await get(`${url}/v1/jobs/${id}`)).is_terminal) await delay(5);
      }),
    );
  }
  return times;
}

/** Resolves to the id once batches are being trained. */
async function startTraining(url) {
  const { id } = await post(`${url}/v1/jobs`, spec);
  for (;;) {
    const { phase, progress, is_terminal } = await get(`${url}/v1/jobs/${id}`);
    if (is_terminal) throw new Error(`${id} ended before it trained`);
    if (phase === 'training' && progress?.step > 0) return id;
    await delay(50);
  }
}

async function time(action) {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

async function post(url, body) {
  const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
  return answer(await fetch(url, { method: 'POST', ...init }));
}

async function get(url) {
  return answer(await fetch(url));
}

async function answer(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response.json();
}

function print(what, times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1));
  console.log(JSON.stringify({ what, count: sorted.length, median_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) }));
}
