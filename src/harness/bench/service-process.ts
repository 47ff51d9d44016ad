import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Job } from '../../contract/job.ts';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));

/** `epochd serve` as a process of its own, with a data folder of its own. */
export interface ServiceProcess {
  /** Throws when the answer is a refusal. */
  post(path: string, body?: object): Promise<Job>;
  get(path: string): Promise<Job>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Throws when it ends before it listens; it has said why on standard error by then. */
export async function startServiceProcess(): Promise<ServiceProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'epochd-bench-'));
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: { ...process.env, EPOCHD_PORT: '0', EPOCHD_DATA_DIR: folder, EPOCHD_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await closed;
    await rm(folder, { recursive: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /listens on (\S+)/.exec(line) ?? [];
    if (url === undefined) continue;
    return {
      post: (path, body) => ask(`${url}${path}`, body === undefined ? { method: 'POST' } : jsonPost(body)),
      get: (path) => ask(`${url}${path}`, {}),
      stop,
    };
  }
  await stop();
  throw new Error('epochd serve ended before it listened');
}

const jsonPost = (body: object): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

async function ask(url: string, init: RequestInit): Promise<Job> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Job;
}
