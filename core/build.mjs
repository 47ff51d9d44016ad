import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * node core/build.mjs            the Node addon for this machine: core/build/core.node
 * node core/build.mjs --wasm     core/core.wasm, with core/core.wasm.json beside it
 * node core/build.mjs --check    fails unless core.wasm is what these sources give
 *
 * Skipped when up to date. CXX names the compiler of the addon (g++), CLANG that of the wasm (clang).
 */
const here = fileURLToPath(new URL('.', import.meta.url));
const headers = join(here, '../node_modules/node-api-headers/include');
const common = ['-std=c++17', '-O3', '-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast', '-fno-exceptions', '-fno-rtti'];
const strict = ['-Wall', '-Wextra', '-Wno-psabi', '-Wno-unknown-pragmas'];

/** Sums: 24 of 32 registers, 12 of 16; fewer in wasm, whose engines need registers of their own. */
const set = (name, lanes, sums) => [`-DCORE_SET=${name}`, `-DCORE_LANES=${lanes}`, `-DCORE_SUMS=${sums}`];
const SETS = {
  x64: [
    [...set('sse2', 4, 12), '-march=x86-64'],
    [...set('avx2', 8, 12), '-mavx2', '-mfma'],
    [...set('avx512', 16, 24), '-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mfma', '-mprefer-vector-width=512'],
  ],
  arm64: [set('neon', 4, 24)],
};
const WASM = [
  ...common, ...set('wasm', 4, 8),
  '--target=wasm32', '-nostdlib', '-ffreestanding', '-msimd128', '-matomics', '-mbulk-memory', '-mmutable-globals',
  '-Wl,--no-entry', '-Wl,--import-memory', '-Wl,--shared-memory', '-Wl,--max-memory=4294967296', '-Wl,-z,stack-size=262144',
  '-Wl,--export=__stack_pointer', '-Wl,--strip-all',
];

function call(command, ...args) {
  console.log([command, ...args].join(' ').replaceAll(here, 'core/'));
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

const sources = (unwanted) => readdirSync(here).filter((name) => /\.[ch]pp$/.test(name) && name !== unwanted).sort();

/** One number for the sources and the flags that they are compiled with. */
function fingerprint(names, flags) {
  const hash = createHash('sha256').update(JSON.stringify(flags));
  for (const name of names) hash.update(name).update(readFileSync(join(here, name)));
  return hash.digest('hex');
}

function buildAddon() {
  const compiler = process.env.CXX ?? 'g++';
  const sets = SETS[process.arch];
  if (!sets || process.platform === 'win32') throw new Error(`no addon for ${process.platform} ${process.arch}: the wasm serves`);
  const folder = join(here, 'build');
  const stamp = join(folder, 'core.node.sha256');
  const now = fingerprint(sources('wasm.cpp'), [compiler, sets, process.platform, process.arch]);
  if (existsSync(join(folder, 'core.node')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return console.log('core/build/core.node is up to date');
  mkdirSync(folder, { recursive: true });
  const objects = sets.map((flags, i) => {
    const object = join(folder, `set-${i}.o`);
    call(compiler, ...common, ...strict, ...flags, '-fPIC', '-fvisibility=hidden', '-c', join(here, 'variant.cpp'), '-o', object);
    return object;
  });
  const undefinedSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  call(compiler, ...common, ...strict, '-DNAPI_VERSION=8', `-I${headers}`, '-fPIC', '-fvisibility=hidden', '-shared', '-pthread', ...undefinedSymbols,
    join(here, 'native.cpp'), ...objects, '-o', join(folder, 'core.node'));
  for (const object of objects) rmSync(object);
  writeFileSync(stamp, now);
}

const wasmSources = () => sources('native.cpp');
const compilerVersion = (clang) => spawnSync(clang, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? null;

function compileWasm(clang, to) {
  call(clang, ...WASM, ...strict, join(here, 'wasm.cpp'), join(here, 'variant.cpp'), '-o', to);
}

function buildWasm() {
  const clang = process.env.CLANG ?? 'clang';
  compileWasm(clang, join(here, 'core.wasm'));
  const record = { sources: fingerprint(wasmSources(), WASM), sha256: sha256(join(here, 'core.wasm')), compiler: compilerVersion(clang) };
  writeFileSync(join(here, 'core.wasm.json'), `${JSON.stringify(record, null, 2)}\n`);
}

const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The recorded fingerprints must be those of the files; with the recorded compiler at hand the bytes must be too. */
function checkWasm() {
  const clang = process.env.CLANG ?? 'clang';
  const record = JSON.parse(readFileSync(join(here, 'core.wasm.json'), 'utf8'));
  const wrong = (what) => new Error(`core/core.wasm: ${what}; run node core/build.mjs --wasm`);
  if (record.sources !== fingerprint(wasmSources(), WASM)) throw wrong('the sources changed since it was built');
  if (record.sha256 !== sha256(join(here, 'core.wasm'))) throw wrong('it is not the file that was built');
  if (compilerVersion(clang) !== record.compiler) return console.warn(`core/core.wasm: not rebuilt, that takes ${record.compiler}`);
  const again = join(here, 'build', 'again.wasm');
  mkdirSync(join(here, 'build'), { recursive: true });
  compileWasm(clang, again);
  const same = sha256(again) === record.sha256;
  rmSync(again);
  if (!same) throw wrong('the same sources and compiler give other bytes');
}

const [task] = process.argv.slice(2);
if (task === '--wasm') buildWasm();
else if (task === '--check') checkWasm();
else buildAddon();
