import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/* What is said here of a container's share of the processors: https://docs.kernel.org/admin-guide/cgroup-v2.html, cpu.max; for version 1
   https://docs.kernel.org/scheduler/sched-bwc.html */

/** Processors that this process may use: those it is bound to, or fewer where a container's quota gives it the time of fewer. */
export const availableCores = (root = '/'): number => Math.max(1, Math.min(availableParallelism(), Math.ceil(quota(root))));

/** Processors' worth of time, the least of all groups that the process is in; infinite without a limit. */
function quota(root: string): number {
  const quotas = read(join(root, 'proc/self/cgroup'))
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers === undefined || path === undefined) return [];
      if (controllers === '') return groupsAbove(path).map((group) => quotaOf(root, join('sys/fs/cgroup', group, 'cpu.max')));
      if (!controllers.split(',').includes('cpu')) return [];
      return groupsAbove(path).map((group) => quotaOfVersion1(root, join('sys/fs/cgroup/cpu', group)));
    });
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
}

/** The group and those around it. Inside a container the outer ones, or the path itself, may be out of sight: "/" is what is seen. */
function groupsAbove(path: string): string[] {
  const groups = [path];
  for (let group = path; group !== dirname(group); group = dirname(group)) groups.push(dirname(group));
  return groups;
}

function quotaOf(root: string, file: string): number {
  const [limit = 'max', period] = read(join(root, file)).trim().split(' ');
  return share(Number(limit), Number(period));
}

const quotaOfVersion1 = (root: string, folder: string): number =>
  share(Number(read(join(root, folder, 'cpu.cfs_quota_us'))), Number(read(join(root, folder, 'cpu.cfs_period_us'))));

/** No limit is "max", -1 or no file. */
const share = (limit: number, period: number): number => (limit > 0 && period > 0 ? limit / period : Number.POSITIVE_INFINITY);

/** Nothing when it is not there or may not be read. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not Linux, another version of control groups, or a group that is out of sight: no limit is known.
    return '';
  }
}
