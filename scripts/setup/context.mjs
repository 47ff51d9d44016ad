import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wheels as pinnedWheels } from './wheels.mjs';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** What every step is told: the checkout, the cache folder, the environment, and where to say what it does. */
export function createContext({ env = process.env, root = checkout, quiet = false, variant = 'cpu', wheels = pinnedWheels } = {}) {
  const data = resolve(env.EPOCHD_DATA_DIR || 'data');
  const cache = env.XDG_CACHE_HOME ? join(env.XDG_CACHE_HOME, 'epochd') : (cacheAtHome() ?? join(data, 'cache'));
  return {
    env,
    root: resolve(root),
    cache: resolve(env.EPOCHD_CACHE_DIR || cache),
    data,
    isSuperuser: process.getuid?.() === 0,
    quiet,
    variant,
    wheels,
    say: (line) => process.stderr.write(`${line}\n`),
  };
}

/** As in src/config/config.ts: null for a user without a home, or with one that cannot be written to. */
function cacheAtHome() {
  try {
    const cache = join(homedir(), '.cache', 'epochd');
    if (!existsSync(cache)) accessSync(nearestExisting(cache), constants.W_OK);
    return cache;
  } catch {
    // Neither HOME nor an entry in /etc/passwd, or no right to write there.
    return null;
  }
}

const nearestExisting = (path) => (existsSync(path) ? path : nearestExisting(dirname(path)));
