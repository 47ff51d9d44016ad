import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptFailed } from '../script.mjs';

/** POSTs the seed's job, shows its progress until it ends or `signal` says stop, and gives the job as it is then; undefined when it was stopped. */
export async function trainSeed(url, ctx, signal) {
  const spec = readFileSync(join(ctx.root, 'examples/seed.json'), 'utf8');
  const { id } = await request(`${url}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: spec });
  process.stdout.write(`POST ${url}/v1/jobs\n${spec.trim()}\nis ${id}\n\n`);
  await follow(id, url, ctx, signal);
  return signal.aborted ? undefined : request(`${url}/v1/jobs/${id}`);
}

/** A JSON answer. Throws with the problem's text when it is none of success. */
export async function request(url, options) {
  const answer = await fetch(url, options);
  const text = await answer.text();
  if (!answer.ok) throw new ScriptFailed(`${options?.method ?? 'GET'} ${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** In a process group of its own: Ctrl-C here stops everything, whereas the CLI would say how to come back to the job. */
async function follow(id, url, ctx, signal) {
  const main = join(ctx.root, 'dist/main.js');
  const child = spawn(process.execPath, [main, 'follow', id], { env: { ...ctx.env, EPOCHD_URL: url }, detached: true, stdio: 'inherit' });
  const end = () => child.kill('SIGKILL');
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  await once(child, 'exit');
}
