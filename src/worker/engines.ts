import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { EngineInfo } from '../contract/engine-info.ts';
import { TENSORFLOW_ENVIRONMENT } from '../engines/tensorflow/environment.ts';
import type { ProbeResult } from './probe.ts';

const PROBE = fileURLToPath(new URL('./probe.js', import.meta.url));

/** The engines of this machine, found out by a process of its own. What is missing is logged: jobs that ask for it will fail. */
export async function findEngines(env: NodeJS.ProcessEnv, log: Logger): Promise<readonly EngineInfo[]> {
  const child = fork(PROBE, [], { env: { ...env, ...TENSORFLOW_ENVIRONMENT }, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const crashed = once(child, 'exit').then(
    ([code, signal]): ProbeResult => ({ engines: [], missing: [`the probe ended with ${signal ?? code}`] }),
  );
  const { engines, missing } = await Promise.race([once(child, 'message').then(([result]) => result as ProbeResult), crashed]);
  for (const reason of missing) log.warn({ reason }, 'an engine is missing or slower than it could be');
  log.info({ engines }, 'the engines of this worker');
  return engines;
}
