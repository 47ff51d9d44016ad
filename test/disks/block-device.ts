import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * A disk in a file. A copy of that file at any moment is what a power cut would leave on the disk: what was not flushed is
 * in the memory of the kernel only. Mounted so that nothing is flushed unasked for minutes.
 */

const OPTIONS = 'loop,commit=300,noauto_da_alloc';

export interface Disk {
  readonly path: string;
  /** Mounts what a power cut would leave at this moment; it is gone when the disk is. */
  cut(): string;
  remove(): void;
}

export function openDisk(megabytes: number): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'epochd-disk-'));
  const image = join(folder, 'disk.img');
  const mounted: string[] = [];
  const mountAt = (file: string, name: string): string => {
    const path = join(folder, name);
    mkdirSync(path);
    run('mount', '-o', OPTIONS, file, path);
    mounted.push(path);
    return path;
  };
  const remove = (): void => {
    // Lazily: a file that a failed test left open must not hide why it failed.
    for (const path of mounted) run('umount', '--lazy', path);
    rmSync(folder, { recursive: true });
  };
  try {
    run('truncate', '-s', `${megabytes}M`, image);
    run('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
    return {
      path: mountAt(image, 'disk'),
      cut() {
        const copy = join(folder, `cut-${mounted.length}.img`);
        run('cp', '--sparse=always', image, copy);
        return mountAt(copy, `cut-${mounted.length}`);
      },
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Why no such disk can be had, or null. */
export function whyNoBlockDevice(): string | null {
  try {
    openDisk(8).remove();
    return null;
  } catch (error) {
    return `an ext4 image cannot be mounted (${(error as Error).message.trim()}): run them as root, with loop devices and mkfs.ext4`;
  }
}

function run(file: string, ...args: readonly string[]): void {
  execFileSync(file, args, { stdio: 'pipe' });
}
