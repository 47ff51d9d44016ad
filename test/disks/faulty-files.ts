import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { skipReason } from '../skip.ts';

/** `<call> <errno> <part of the path>`: see files.c. */
export type Fault = readonly [
  call: 'open' | 'mkdir' | 'rename' | 'link' | 'linked' | 'unlink' | 'scandir' | 'bind' | 'fsync',
  code: string,
  part: string,
];

/** Makes calls of child processes fail that are started with `env`, as a file system does that is not there, not ours or another kind. */
export interface FaultyFiles {
  readonly env: Readonly<Record<string, string>>;
  /** From now on, until told otherwise; none: all is well. */
  fail(...faults: readonly Fault[]): Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), 'epochd-shim-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const library = join(folder, 'files.so');

/** Why no such file system can be had on this machine, or null. */
export const missingShim = skipReason('tests of file systems that fail', build());

let count = 0;

export function faultyFiles(): FaultyFiles {
  const path = join(folder, `faults-${count++}`);
  return {
    env: { LD_PRELOAD: library, SHIM_FAULTS: path },
    async fail(...faults) {
      const lines = faults.map(([call, code, part]) => `${call} ${constants.errno[code as keyof typeof constants.errno]} ${part}\n`);
      await writeFile(`${path}.new`, lines.join(''));
      await rename(`${path}.new`, path);
    },
  };
}

function build(): string | null {
  if (process.platform !== 'linux') return 'they need Linux, for LD_PRELOAD';
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, resolve('test/disks/files.c'), '-ldl'], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `gcc cannot build test/disks/files.c (${(error as Error).message.trim()}): apt-get install gcc`;
  }
}
