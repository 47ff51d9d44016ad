import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const core = fileURLToPath(new URL('..', import.meta.url));

export const flags = [
  '-std=c++17',
  '-O3',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-ffp-contract=fast',
  '-fno-exceptions',
  '-fno-rtti',
  '-Wall',
  '-Wextra',
  '-Wno-psabi',
  '-Wno-unknown-pragmas',
];

/** One instruction set: its name, floats in a vector, and how many sums a matrix product keeps in registers. */
export const set = (name, lanes, sums) => [`-DCORE_SET=${name}`, `-DCORE_LANES=${lanes}`, `-DCORE_SUMS=${sums}`];

/** One number for the sources, their names included, all but those of the `other` host ("native" or "wasm"), and for what they are compiled with. */
export function fingerprint(other, compiledWith) {
  const hash = createHash('sha256').update(JSON.stringify(compiledWith));
  const files = readdirSync(core, { recursive: true, encoding: 'utf8' }).map((path) => path.split(sep).join('/'));
  const names = files.filter((name) => /\.[ch]pp$/.test(name) && !name.startsWith(`hosts/${other}`));
  for (const name of names.sort()) hash.update(name).update(readFileSync(join(core, name)));
  return hash.digest('hex');
}

/** Runs a compiler; sources name each other by their path below core/. Throws with what it printed. */
export function compile(compiler, ...args) {
  const { status, error, stdout, stderr } = spawnSync(compiler, [`-I${core}`, ...args], { encoding: 'utf8' });
  if (error) throw new Error(`${compiler}: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`${[compiler, ...args].join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}
