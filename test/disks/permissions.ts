import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Put before a command: root without the power to pass over the permissions of files, which ends when a killed test no longer can
 * end it; and everyone else as they are.
 */
export const WITHOUT_OVERRIDE: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--pdeathsig=KILL', '--'] : [];

/** Why permissions cannot be taken away from a process here, or null. */
export function whyNoPermissions(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'epochd-mode-'));
  try {
    chmodSync(folder, 0o500);
    const [file, ...args] = [...WITHOUT_OVERRIDE, 'sh', '-c', `! mkdir ${folder}/made`];
    execFileSync(file, args, { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `root keeps its power over permissions (${(error as Error).message.trim()}): run them as another user, or install setpriv`;
  } finally {
    rmdirSync(folder);
  }
}
