import { readFileSync } from 'node:fs';

/** Of the files that this process may have open: the rest is for run directories, Redis and the log. */
const SHARE = 0.6;

/** How many connections this process should hold. Node raises the soft limit to the hard one when it starts. Where there is no such file, files are not what is short. */
export function mostConnections(): number {
  try {
    const [, hard] = /^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Math.floor(SHARE * Number(hard ?? Number.POSITIVE_INFINITY));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
