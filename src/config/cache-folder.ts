import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Null for a user without a home, as in containers, or with one that is not there to be written to. */
export function cacheAtHome(): string | null {
  try {
    const cache = join(homedir(), '.cache', 'epochd');
    if (!existsSync(cache)) accessSync(nearestExisting(cache), constants.W_OK);
    return cache;
  } catch {
    // Neither HOME nor an entry in /etc/passwd, or no right to write there.
    return null;
  }
}

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)));
