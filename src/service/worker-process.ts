import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RedisAddress } from '../../scripts/redis-address.mjs';
import { environmentOfWorker } from '../config/config.ts';
import { EpochdError, type ErrorKind } from '../contract/errors.ts';
import { EXIT } from '../contract/exit-codes.ts';
import type { Service } from './run.ts';

/*
 *   serve ---- fork ----> epochd worker --of-serve
 *     |<--- ready ---------|      it takes jobs
 *     |---- channel closes ----->|      however serve ends: it hands its trainings over, and ends
 *
 * What requests cost does not keep a worker from its trainings, and what its process comes to ends no request.
 */

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** Before a worker that ended by itself is started again: pauses that double while it does not last. */
const PAUSES = { firstMs: 1_000, longestMs: 60_000, lastsMs: 300_000 };

/** Tells `epochd worker` that it belongs to a `serve`. */
export const OF_SERVE = '--of-serve';

/** Beyond the grace of its trainers, for a worker to end. */
const END_MS = 15_000;

/** Thrown when the worker ended before it took jobs; it has said why. */
export class WorkerNotStarted extends EpochdError {
  readonly code = 'worker_not_started';
  readonly kind: ErrorKind;
  constructor({ exitCode, signalCode }: ChildProcess) {
    super(`the worker ended with ${signalCode ?? exitCode} before it took jobs; why stands above`);
    this.kind = exitCode === EXIT.usage ? 'user' : 'infrastructure';
  }
}

/**
 * Starts a worker as a process of its own, and again whenever it ends by itself. Resolves when it takes jobs, however long it waits for
 * Redis. Throws WorkerNotStarted.
 */
export async function keepWorker({ config, log, keep, stopping }: Service, redis: RedisAddress, pauses = PAUSES): Promise<void> {
  const env = environmentOfWorker(config.redis === null ? redis.path : null);
  let worker = launch(env);
  const keepRunning = async (): Promise<void> => {
    for (let pauseMs = pauses.firstMs; ; pauseMs = Math.min(2 * pauseMs, pauses.longestMs)) {
      const start = performance.now();
      await worker.gone;
      if (stopping.aborted) return;
      if (performance.now() - start > pauses.lastsMs) pauseMs = pauses.firstMs;
      log.error({ ended: howEnded(worker), pause_ms: pauseMs }, 'the worker ended by itself: it is started again');
      await sleep(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
      if (stopping.aborted) return;
      worker = launch(env);
    }
  };
  // A second signal ends this process at once, and whatever belongs to it.
  stopping.addEventListener('abort', () => process.once('exit', () => worker.child.kill('SIGKILL')));
  keep(() => end(worker, config.graceSeconds * 1_000 + END_MS));
  if (!(await worker.isReady)) throw new WorkerNotStarted(worker.child);
  void keepRunning();
}

interface WorkerProcess {
  readonly child: ChildProcess;
  /** Whether it takes jobs: false when it ended before it did. */
  readonly isReady: Promise<boolean>;
  readonly gone: Promise<unknown>;
}

/** It logs where this process does. */
function launch(env: NodeJS.ProcessEnv): WorkerProcess {
  const child = fork(MAIN, ['worker', OF_SERVE], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const gone = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  return { child, gone, isReady: Promise.race([once(child, 'message').then(() => true), gone.then(() => false)]) };
}

const howEnded = ({ child }: WorkerProcess): string => String(child.signalCode ?? child.exitCode ?? 'an error at its start');

/** Lets it hand over what it trains. Throws when it does not end well. */
async function end(worker: WorkerProcess, patienceMs: number): Promise<void> {
  const { child, gone } = worker;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  // Not a signal: a terminal has sent it one already, and the second one ends it at once.
  if (child.connected) child.disconnect();
  await gone;
  clearTimeout(timer);
  if (child.exitCode !== 0) throw new Error(`the worker ended with ${howEnded(worker)}`);
}
