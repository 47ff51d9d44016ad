import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder for downloads in the home of the user; null when the user has no home, as in a container, or may not write to it. */
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
