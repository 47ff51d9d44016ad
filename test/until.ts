import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 90_000;
const PAUSE_MS = 20;

/** Polls until `condition` holds. Throws, saying what it waited for, long before a test that waits for nothing else is cut off. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}`);
    await sleep(PAUSE_MS);
  }
}

/** Polls until `ask` gives something, and resolves to it. */
export async function untilThere<T>(ask: () => Promise<T | null>, what: string): Promise<T> {
  let found: T | null = null;
  await until(async () => (found = await ask()) !== null, what);
  return found as T;
}
