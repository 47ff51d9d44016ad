import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/* A disk that a test can fill: a tmpfs of a few megabytes. */

export function mount(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'epochd-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

/** Lazily: a file that a failed test left open must not hide why it failed. */
export function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
  rmSync(folder, { recursive: true });
}

/** Writes until `spared` bytes are left. Resolves to the file that takes the room. */
export async function fill(folder: string, spared: number): Promise<string> {
  const path = join(folder, 'filler');
  const file = await open(path, 'w');
  const { bavail, bsize } = await statfs(folder);
  const block = Buffer.alloc(bsize);
  try {
    for (let written = 0; written < bavail * bsize - spared; written += bsize) await file.write(block);
  } catch (error) {
    // Somebody else has written, too.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
  return path;
}

/** Why no such disk can be had, or null. */
export function whyNoDisk(): string | null {
  try {
    unmount(mount('1m'));
    return null;
  } catch (error) {
    return `a small tmpfs cannot be mounted (${(error as Error).message.trim()}): run them as root`;
  }
}
