import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { availableCores } from '../../src/engines/cores.ts';
import { temporaryFolder } from '../folders.ts';

/** A machine whose control groups say this. */
function machine(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const all = availableParallelism();

test.each([
  ['no control groups', {}, all],
  ['no limit', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'max 100000\n' }, all],
  ['half a processor', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1],
  ['one and a half, rounded up', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '150000 100000\n' }, Math.min(all, 2)],
  [
    'a limit of the group around it',
    { 'proc/self/cgroup': '0::/a/b\n', 'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n', 'sys/fs/cgroup/a/cpu.max': '100000 100000\n' },
    1,
  ],
  [
    "a container that sees its own group as the root, under the host's name",
    { 'proc/self/cgroup': '0::/docker/4f1c\n', 'sys/fs/cgroup/cpu.max': '100000 100000\n' },
    1,
  ],
  [
    'version 1',
    {
      'proc/self/cgroup': '4:cpu,cpuacct:/box\n0::/\n',
      'sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '50000\n',
      'sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000\n',
    },
    1,
  ],
  [
    'version 1 without a limit',
    { 'proc/self/cgroup': '4:cpu:/\n', 'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', 'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' },
    all,
  ],
])('the cores of a machine with %s', (_, files, expected) => {
  expect(availableCores(machine(files))).toBe(expected);
});
