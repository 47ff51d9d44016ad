import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Blobs } from '../../src/storage/storage.ts';

/** An empty store of a test's own. */
export interface Place {
  readonly blobs: Blobs;
  /** How another process opens the same one: a built module, the function that it exports, and what that is given. */
  readonly opener: readonly [module: string, name: string, argument: string];
}

/** Starts a process that works on the same store (another-main.mjs). It is gone when the test ends. */
export function another({ opener }: Place, task: string, given: readonly unknown[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const args = [resolve('test/storage/another-main.mjs'), ...opener, task, JSON.stringify(given)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What it said, line by line, when it has ended well. */
export async function said(child: ChildProcess): Promise<unknown[]> {
  const [output, [code]] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  if (code !== 0) throw new Error(`a process that works on the store ended with ${code}`);
  return output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
}
