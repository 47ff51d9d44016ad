import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, core, fingerprint, flags, set } from './sources.mjs';

/* The Node addon: each instruction set of this processor's family is compiled once, and one is chosen when the addon is loaded. */

const headers = join(core, '../node_modules/node-api-headers/include');
const folder = join(core, 'build');
export const addon = join(folder, 'core.node');
const stamp = join(folder, 'core.node.sha256');

/** Sums: 24 of 32 registers, 12 of 16. */
const SETS = {
  x64: [
    [...set('sse2', 4, 12), '-march=x86-64'],
    [...set('avx2', 8, 12), '-mavx2', '-mfma'],
    [...set('avx512', 16, 24), '-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mfma', '-mprefer-vector-width=512'],
  ],
  arm64: [set('neon', 4, 24)],
};

/** Whether the addon is what these sources give on this machine. */
export function isAddonCurrent(compiler) {
  return existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprintOf(compiler);
}

/** Builds the addon; one that is in use stays whole. Throws with what the compiler printed. */
export function buildAddon(compiler) {
  const sets = SETS[process.arch];
  if (!sets || process.platform === 'win32') throw new Error(`there is no addon for ${process.platform} ${process.arch}`);
  mkdirSync(folder, { recursive: true });
  const objects = sets.map((ofSet, i) => {
    const object = join(folder, `set-${i}.o`);
    compile(compiler, ...flags, ...ofSet, '-fPIC', '-fvisibility=hidden', '-c', join(core, 'variant.cpp'), '-o', object);
    return object;
  });
  const fresh = `${addon}.new`;
  const linking = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const shared = ['-DNAPI_VERSION=8', `-I${headers}`, '-fPIC', '-fvisibility=hidden', '-shared', '-pthread', ...linking];
  compile(compiler, ...flags, ...shared, join(core, 'hosts/native.cpp'), ...objects, '-o', fresh);
  for (const object of objects) rmSync(object);
  renameSync(fresh, addon);
  writeFileSync(stamp, fingerprintOf(compiler));
}

function fingerprintOf(compiler) {
  return fingerprint('wasm', [compiler, flags, SETS[process.arch], process.platform, process.arch]);
}
