import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { EngineInfo } from '../contract/engine-info.ts';
import type { ProbeResult } from '../trainer/probe.ts';
import { startChild } from './child.ts';

const PROBE = fileURLToPath(new URL('../trainer/probe.js', import.meta.url));

/** Loading TensorFlow takes seconds; a driver that hangs must not keep the worker from its work. */
const PATIENCE_MS = 120_000;

/** The engines of this machine, found out by a process of its own. What is missing is logged: jobs that ask for it will fail. */
export async function findEngines(env: NodeJS.ProcessEnv, log: Logger): Promise<readonly EngineInfo[]> {
  const child = startChild(PROBE, env, 'ignore');
  const crashed = once(child, 'exit').then(
    ([code, signal]): ProbeResult => ({ engines: [], missing: [`the probe ended with ${signal ?? code}`] }),
  );
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const { engines, missing } = await Promise.race([once(child, 'message').then(([result]) => result as ProbeResult), crashed]);
  clearTimeout(patience);
  for (const reason of missing) log.warn({ reason }, 'an engine is missing or slower than it could be');
  log.info({ engines }, 'the engines of this worker');
  return engines;
}
