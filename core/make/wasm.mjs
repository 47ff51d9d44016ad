import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, core, fingerprint, flags, set } from './sources.mjs';

/* core.wasm is committed, for machines without a compiler; core.wasm.json says what it was made from. */

const wasm = join(core, 'core.wasm');
const record = join(core, 'core.wasm.json');

/** Fewer sums than registers: engines need some of their own. */
const WASM = [
  ...flags,
  ...set('wasm', 4, 8),
  '--target=wasm32',
  '-nostdlib',
  '-ffreestanding',
  '-msimd128',
  '-matomics',
  '-mbulk-memory',
  '-mmutable-globals',
  '-Wl,--no-entry',
  '-Wl,--import-memory',
  '-Wl,--shared-memory',
  '-Wl,--max-memory=4294967296',
  '-Wl,-z,stack-size=262144',
  '-Wl,--export=__stack_pointer',
  '-Wl,--export=__heap_base',
  '-Wl,--strip-all',
];

export function buildWasm(clang) {
  compileTo(wasm, clang);
  const made = { sources: sourcesNow(), sha256: sha256(wasm), compiler: versionOf(clang) };
  writeFileSync(record, `${JSON.stringify(made, null, 2)}\n`);
}

/** Throws unless core.wasm is what the sources give; `proven` says whether the compiler that made it was at hand to make it again. */
export function checkWasm(clang) {
  const { sources, sha256: recorded, compiler } = JSON.parse(readFileSync(record, 'utf8'));
  const wrong = (what) => new Error(`core/core.wasm: ${what}; run node core/build.mjs --wasm`);
  if (sources !== sourcesNow()) throw wrong('the sources changed since it was built');
  if (recorded !== sha256(wasm)) throw wrong('it is not the file that was built');
  if (versionOf(clang) !== compiler) return { proven: false, compiler };
  const folder = mkdtempSync(join(tmpdir(), 'epochd-wasm-'));
  try {
    compileTo(join(folder, 'core.wasm'), clang);
    if (sha256(join(folder, 'core.wasm')) !== recorded) throw wrong('the same sources and compiler give other bytes');
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { proven: true, compiler };
}

const compileTo = (to, clang) => compile(clang, ...WASM, join(core, 'hosts/wasm.cpp'), join(core, 'variant.cpp'), '-o', to);
const sourcesNow = () => fingerprint('native', WASM);
const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const versionOf = (clang) => spawnSync(clang, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? null;
