import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

// node test/measure/count-files.mjs [--files] [CHECKOUT]
//
// How many files of src/ a reader must open to follow a POST of a job, a GET of its history, an epoch, a cancel: those of which a
// function runs meanwhile, as Node's own coverage counts them, in the processes that take part. Those of http/protocol/, which do
// the same for every request, are counted apart. Each is done three times, and counted is what ran each time: not a timer that happened
// to strike. npx tsc first. --files names them, and the functions. Linux.

const root = resolve(process.argv.slice(2).find((argument) => !argument.startsWith('-')) ?? '.');
const namesFiles = process.argv.includes('--files');
const folder = mkdtempSync(join(tmpdir(), 'epochd-files-'));
const coverage = join(folder, 'coverage');
const socket = join(folder, 'redis.sock');
const preload = pathToFileURL(fileURLToPath(new URL('take-coverage.mjs', import.meta.url)));
const processes = [];
const spec = { dataset: { source: 'imdb-mini' }, training: { epochs: 10_000 }, callbacks: { early_stopping: null } };

try {
  start('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes', '--save', '']);
  const api = start(process.execPath, [join(root, 'dist/main.js'), 'api']);
  const url = await listening(api);
  const worker = start(process.execPath, [join(root, 'dist/main.js'), 'worker']);
  const jobs = `${url}/v1/jobs`;
  // Whatever is done once and kept is done before.
  const first = await ask('POST', jobs, spec);
  await inTraining(`${jobs}/${first.id}`);
  await ask('GET', `${jobs}/${first.id}/history`);
  await ask('POST', `${jobs}/${first.id}/cancel`);

  const rounds = [];
  while (rounds.length < 3) rounds.push(await round(api, worker, jobs));
  for (const what of Object.keys(rounds[0])) print(what, ranInEach(rounds.map((round) => round[what])));
} finally {
  for (const child of processes.reverse()) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}

/** A job's way, once: what ran meanwhile. */
async function round(api, worker, jobs) {
  await take(api.pid);
  const { id } = await ask('POST', jobs, spec);
  const posted = await take(api.pid);

  const job = `${jobs}/${id}`;
  const trainer = await trainerOf(worker, job);
  await take(api.pid);
  await ask('GET', `${job}/history`);
  const read = await take(api.pid);

  await take(trainer);
  await epochsPass(job, 2);
  const trained = await take(trainer);

  await Promise.all([api.pid, worker.pid, trainer].map(take));
  await ask('POST', `${job}/cancel`);
  const answered = await take(api.pid);
  await hasEnded(trainer);
  const cancelled = new Map([...answered, ...(await take(worker.pid)), ...calledIn(trainer)]);
  return { POST: posted, 'GET history': read, epoch: trained, cancel: cancelled };
}

function ranInEach([first, ...others]) {
  return new Map([...first].filter(([file]) => others.every((other) => other.has(file))));
}

function start(program, args) {
  const env = {
    ...process.env,
    NODE_V8_COVERAGE: coverage,
    NODE_OPTIONS: `--import ${preload.href}`,
    REDIS_URL: `unix://${socket}`,
    EPOCHD_DATA_DIR: join(folder, 'data'),
    EPOCHD_PORT: '0',
    EPOCHD_LOG_LEVEL: 'error',
  };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  return child;
}

async function listening(api) {
  for await (const line of createInterface({ input: api.stdout })) {
    const [, url] = /listens on (\S+)/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('epochd api ended before it listened');
}

/** The files of which a function ran in this process since it was last asked. */
async function take(pid) {
  const before = written(`taken-${pid}-`).length;
  process.kill(pid, 'SIGUSR2');
  while (written(`taken-${pid}-`).length === before) await delay(10);
  return calledIn(pid);
}

/** As it said when it was asked or, for the last time, when it ended: the names of the functions, by their files. */
function calledIn(pid) {
  const { result } = JSON.parse(readFileSync(join(coverage, written(`coverage-${pid}-`).sort().at(-1)), 'utf8'));
  const dist = pathToFileURL(join(root, 'dist/')).href;
  const called = result
    .filter(({ url }) => url.startsWith(dist))
    .map(({ url, functions }) => [url.slice(dist.length).replace(/\.js$/, '.ts'), functions.filter(({ ranges }) => ranges[0].count > 0)]);
  return new Map(called.filter(([, functions]) => functions.length > 0).map(([file, functions]) => [file, namesOf(functions)]));
}

function namesOf(functions) {
  return [...new Set(functions.map(({ functionName }) => functionName || '(nameless)'))].join(' ');
}

function written(prefix) {
  return existsSync(coverage) ? readdirSync(coverage).filter((name) => name.startsWith(prefix)) : [];
}

async function inTraining(job) {
  for (;;) {
    const { phase, progress, is_terminal } = await ask('GET', job);
    if (is_terminal) throw new Error(`${job} ended before it trained`);
    if (phase === 'training' && progress.epoch > 2) return;
    await delay(50);
  }
}

async function epochsPass(job, count) {
  const { progress } = await ask('GET', job);
  while ((await ask('GET', job)).progress.epoch < progress.epoch + count) await delay(50);
}

/** The process that trains it, once it does. */
async function trainerOf(worker, job) {
  await inTraining(job);
  const children = readFileSync(`/proc/${worker.pid}/task/${worker.pid}/children`, 'utf8').trim().split(' ');
  return Number(children.at(-1));
}

async function hasEnded(pid) {
  for (;;) {
    try {
      process.kill(pid, 0);
      await delay(50);
    } catch {
      return delay(500); // For the worker, to write down how it ended.
    }
  }
}

async function ask(method, url, body) {
  const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
  const response = await fetch(url, { method, ...init });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

function print(what, called) {
  const files = [...called.keys()].sort((a, b) => a.localeCompare(b));
  const isProtocol = (file) => file.startsWith('http/protocol/');
  const protocol = files.filter(isProtocol);
  console.log(JSON.stringify({ what, files: files.length - protocol.length, 'of http/protocol': protocol.length }));
  if (namesFiles)
    for (const file of [...files.filter((name) => !isProtocol(name)), ...protocol]) console.log(`  ${file}: ${called.get(file)}`);
}
