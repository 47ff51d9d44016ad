import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './command.mjs';

export const dependencies = {
  name: 'npm packages',
  needed: 'what package-lock.json says',
  doing: 'installing with npm ci',
  place: (ctx) => ctx.root,
  mend: () => 'npm ci',
  inspect: (ctx) => {
    const installed = join(ctx.root, 'node_modules/.package-lock.json');
    if (!existsSync(installed)) return { ok: false, found: 'not installed' };
    const has = readPackages(installed);
    const wanted = readPackages(join(ctx.root, 'package-lock.json'));
    const differs = [...new Set([...Object.keys(has), ...Object.keys(wanted)])].find((path) => !isSame(wanted[path], has[path], ctx.env));
    return differs === undefined
      ? { ok: true, found: `${Object.keys(has).length} installed` }
      : { ok: false, found: `${differs} is not as locked` };
  },
  // Without scripts (.npmrc): tfjs-node's own would download a TensorFlow of 2022.
  install: (ctx) => capture('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { env: ctx.env, cwd: ctx.root }),
};

/** The packages of a lock file, less the project itself. npm writes the second file, of what it installed, when it has finished. */
function readPackages(path) {
  const { '': _project, ...packages } = JSON.parse(readFileSync(path, 'utf8')).packages;
  return packages;
}

/** What npm ci leaves out: optional packages for another operating system, and in production those for development. */
function isSame(wanted, has, env) {
  if (!has) return wanted.optional === true || (wanted.dev === true && env.NODE_ENV === 'production');
  if (wanted?.version !== has.version) return false;
  return wanted.integrity === has.integrity || !wanted.integrity || !has.integrity;
}
