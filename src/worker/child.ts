import { type ChildProcess, fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { TENSORFLOW_ENVIRONMENT } from '../trainer/environment.ts';
import { LIFELINE_FD } from '../trainer/lifeline.ts';

/** Where others want the processor too, a training gets a third of their share. */
const NICENESS = 5;

/** What Linux takes first when memory runs out: a training goes on from its checkpoint, what a Redis or an API held would be lost. */
const FIRST_TO_GO = '1000';

/**
 * A process that loads engines for this one. It ends with this one, however this one ends, gives way to everything else on the
 * machine, and is the first to go when memory runs out. `output`: what becomes of what it writes.
 */
export function startChild(path: string, env: NodeJS.ProcessEnv, output: 'pipe' | 'ignore'): ChildProcess {
  const child = fork(path, [], {
    env: { ...env, ...TENSORFLOW_ENVIRONMENT },
    execArgv: [],
    stdio: ['ignore', output, output, 'ipc', 'pipe'],
  });
  // Broken when the child is killed, which its end says anyway.
  child.stdio[LIFELINE_FD]?.on('error', () => undefined);
  if (child.pid !== undefined) putLast(child.pid);
  return child;
}

/** Done here and at once: threads that the child starts inherit it. What the system does not allow is done without. */
function putLast(pid: number): void {
  for (const attempt of [() => setPriority(pid, NICENESS), () => writeFileSync(`/proc/${pid}/oom_score_adj`, FIRST_TO_GO)]) {
    try {
      attempt();
    } catch {
      // Not Linux, a /proc that cannot be written, or a child that is gone already.
    }
  }
}
