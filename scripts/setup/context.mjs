import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wheels as pinnedWheels } from './wheels.mjs';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** What every step is told: the checkout, the cache folder, the environment, and where to say what it does. */
export function createContext({ env = process.env, root = checkout, quiet = false, variant = 'cpu', wheels = pinnedWheels } = {}) {
  const caches = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return {
    env,
    root: resolve(root),
    cache: resolve(env.EPOCHD_CACHE_DIR || join(caches, 'epochd')),
    data: resolve(env.EPOCHD_DATA_DIR || 'data'),
    isSuperuser: process.getuid?.() === 0,
    quiet,
    variant,
    wheels,
    say: (line) => process.stderr.write(`${line}\n`),
  };
}
