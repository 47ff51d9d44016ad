import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const TRAINER = resolve('dist/worker/trainer.js');

/** Polls until `condition` holds. The test's own timeout ends it. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 45_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 45 s in vain until ${what}`);
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
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}
