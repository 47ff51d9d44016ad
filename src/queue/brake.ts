import type { Logger } from 'pino';
import type { RedisClient } from './connection.ts';
import { reasonOf } from './reason.ts';
import { troubleWith } from './trouble.ts';

/*
 *   error --> paused --(pause over, or connected again)--> asking --(no error for a while, and an answer)--> over
 *               ^                                             |
 *               `------------- error: twice the pause --------'
 */

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const CALM_MS = 1_000;

/** What takes entries. */
interface Pausable {
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** Slows a worker down while Redis refuses it. */
export interface Brake {
  /** Redis did not do what was asked. */
  refused(error: Error): void;
  isOn(): boolean;
  release(): void;
}

/** BullMQ asks again at once when a command is refused, whatever the refusal: here every error makes it pause, longer each time. */
export function brake(worker: Pausable, client: RedisClient, name: string, log: Logger): Brake {
  const trouble = troubleWith(log, { redis: name }, 'redis does not do what the worker asks', 'redis does again what the worker asks');
  let state: 'off' | 'paused' | 'asking' | 'released' = 'off';
  let pauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;
  const after = (ms: number, next: () => Promise<void>): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void next().catch((error: Error) => refused(error)), ms);
  };
  const refused = (error: Error): void => {
    if (state === 'released') return;
    trouble.tell(reasonOf(error));
    if (state === 'paused') return;
    state = 'paused';
    void worker.pause();
    after(pauseMs, ask);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  };
  const ask = async (): Promise<void> => {
    state = 'asking';
    await worker.resume();
    // As long again as the pause was: a refusal may take a while.
    if (isAsking()) after(CALM_MS + pauseMs / 2, calm);
  };
  const isAsking = (): boolean => state === 'asking';
  const release = (): void => {
    clearTimeout(timer);
    state = 'released';
  };
  const calm = async (): Promise<void> => {
    await client.ping();
    if (!isAsking()) return;
    state = 'off';
    pauseMs = FIRST_PAUSE_MS;
    trouble.over();
  };
  const isOn = (): boolean => state !== 'off';
  return { refused, release, isOn };
}
