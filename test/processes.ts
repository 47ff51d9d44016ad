import { spawnSync } from 'node:child_process';
import { MAIN, TRAINER } from './built.ts';
import { until } from './until.ts';

/* The processes of this machine. One that has ended but was not waited for is gone. */

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly state: string;
  readonly args: string;
}

export const childrenOf = (pid: number | undefined): number[] => pidsOf(({ parent }) => parent === pid);

/** Also those that other children of `pid` have started. */
export const trainersOf = (pid: number | undefined): number[] => descendantsOf(pid, running()).filter(isTrainer).map(pidOf);

/** `epochd serve` keeps one. */
export const workersOf = (serve: number | undefined): number[] =>
  running()
    .filter(({ parent, args }) => parent === serve && args.includes(MAIN))
    .map(pidOf);

/** Those that a process which led a group has started, also when it is gone itself. */
export const membersOfGroup = (leader: number): number[] => pidsOf(({ group }) => group === leader);

export const isAlive = (pid: number): boolean => pidsOf((process) => process.pid === pid).length > 0;

/** SIGSTOP, and waits until no thread of it runs any more. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until(() => pidsOf((process) => process.pid === pid && process.state.startsWith('T')).length > 0, `process ${pid} is stopped`);
}

/** False when it is gone. */
export const signalOne = (pid: number, signal: NodeJS.Signals): boolean => sent(pid, signal);

/** False when nobody is left. */
export const signalGroup = (leader: number, signal: NodeJS.Signals): boolean => sent(-leader, signal);

function sent(to: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(to, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

const isTrainer = ({ args }: Running): boolean => args.includes(TRAINER);

const pidOf = ({ pid }: Running): number => pid;

const pidsOf = (isMeant: (process: Running) => boolean): number[] => running().filter(isMeant).map(pidOf);

const descendantsOf = (pid: number | undefined, all: readonly Running[]): Running[] =>
  all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendantsOf(child.pid, all)]);

/** As ps shows them, which is none of them. */
function running(): Running[] {
  const ps = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (ps.status !== 0) throw new Error(`ps shows no processes: ${ps.error?.message ?? ps.stderr}`);
  return ps.stdout.split('\n').flatMap((line) => {
    const [, pid, parent, group, state = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state.startsWith('Z') || Number(pid) === ps.pid) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), state, args }];
  });
}
