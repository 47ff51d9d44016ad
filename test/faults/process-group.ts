import { execFileSync } from 'node:child_process';
import { MAIN } from '../epochd.ts';
import { TRAINER } from '../worker/processes.ts';

/* A process that leads a group, and what it started: all are in that group, also when it is gone. */

export const membersOfGroup = (leader: number): number[] => running().flatMap(({ pid, group }) => (group === leader ? [pid] : []));

export const trainersOf = (worker: number): number[] => childrenOf(worker, TRAINER);

/** `epochd serve` keeps one. */
export const workersOf = (serve: number): number[] => childrenOf(serve, MAIN);

const childrenOf = (leader: number, main: string): number[] =>
  running().flatMap(({ pid, parent, args }) => (parent === leader && args.includes(main) ? [pid] : []));

/** False when nobody is left. */
export const signalGroup = (leader: number, signal: NodeJS.Signals): boolean => sent(-leader, signal);

/** False when it is gone. */
export const signalOne = (pid: number, signal: NodeJS.Signals): boolean => sent(pid, signal);

function sent(to: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(to, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly args: string;
}

/** A process that has ended but was not waited for does not run. */
function running(): Running[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, group, state = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), group: Number(group), args }];
  });
}
