import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const TRAINER = resolve('dist/trainer/main.js');

const PATIENCE_MS = 90_000;

/** Polls until `condition` holds. Throws, saying what it waited for, long before a test that waits for nothing else is cut off. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}`);
    await sleep(20);
  }
}

export const childrenOf = (pid: number): number[] => {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    // pgrep's way to say that there are none.
    return [];
  }
};

/** A process that has ended but was not waited for is not alive. */
export const isAlive = (pid: number): boolean => !/^(Z|$)/.test(stateOf(pid));

/** SIGSTOP, and waits until no thread of it runs any more. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until(() => stateOf(pid).startsWith('T'), `process ${pid} is stopped`);
}

/** As ps shows it; nothing when there is no such process. */
function stateOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // So ps says that there is none.
    return '';
  }
}
