import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { askTensorflow, binding, installedBinding } from '../../scripts/setup/binding.mjs';
import { capture, which } from '../../scripts/setup/command.mjs';
import { createContext } from '../../scripts/setup/context.mjs';
import { library, libraryFolder } from '../../scripts/setup/library.mjs';
import { ensure } from '../../scripts/setup/requirement.mjs';
import { pip } from '../../scripts/setup/tools.mjs';
import { wheels } from '../../scripts/setup/wheels.mjs';
import { temporaryFolder } from '../folders.ts';
import { checkout, standInCheckout, startScript, writeExecutables, writeFiles } from './stand-in.ts';

const [pinned] = wheels.cpu.x64;
const wheelName = `tensorflow_cpu-${pinned?.version}-cp311-cp311-manylinux_2_27_x86_64.whl`;

/** A wheel with the names of TensorFlow's files in it. */
function standInWheel(): Uint8Array {
  const information = `tensorflow_cpu-${pinned?.version}.dist-info`;
  const files = {
    'tensorflow/libtensorflow_cc.so.2': 'the library',
    'tensorflow/libtensorflow_framework.so.2': 'the framework',
    'tensorflow/include/tensorflow/c/c_api.h': 'the header',
    'tensorflow/include/external/llvm/other.h': 'not needed',
    'tensorflow/python/keras.py': 'not needed',
    [`${information}/METADATA`]: `Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: ${pinned?.version}\n`,
    [`${information}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_27_x86_64\n',
    [`${information}/RECORD`]: '',
  };
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
}

/** A context whose pip finds the stand-in wheel in a folder and asks no registry. */
function offlineContext(sha256: string, wheel = standInWheel()) {
  const root = temporaryFolder();
  writeFiles(root, { [`wheels/${wheelName}`]: wheel });
  const lines: string[] = [];
  const pins = [{ ...pinned, sha256 }];
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(root, 'wheels'), EPOCHD_CACHE_DIR: join(root, 'cache') };
  const ctx = { ...createContext({ env, root }), wheels: { cpu: { x64: pins, arm64: pins } }, say: (line: string) => lines.push(line) };
  return { ctx, lines };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const hasPip = await pip.inspect(createContext());
if (!hasPip.ok) console.warn(`skipped: tests of the TensorFlow download need pip (${hasPip.found})`);

describe.skipIf(!hasPip.ok)('the TensorFlow library', () => {
  it('is taken with pip, of which only the libraries and the C headers are kept, and not taken again', async () => {
    const wheel = standInWheel();
    const { ctx, lines } = offlineContext(sha256(wheel), wheel);
    await ensure(library, ctx);
    const folder = libraryFolder(ctx);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(h|so\.2|whl|py)$/.test(name));
    expect(files.sort()).toEqual([
      'tensorflow/include/tensorflow/c/c_api.h',
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2',
    ]);
    expect(readdirSync(ctx.cache)).toHaveLength(1);
    lines.length = 0;
    await ensure(library, ctx);
    expect(lines).toEqual([`  ✓ TensorFlow library: ${folder}`]);
  });

  it('with another hash than the pinned one is refused, and the command to try again is given', async () => {
    const { ctx } = offlineContext('0'.repeat(64));
    await expect(ensure(library, ctx)).rejects.toThrow(/DO NOT MATCH[\s\S]*To get it: {2}node scripts\/setup.mjs --tensorflow=cpu/);
    expect(existsSync(libraryFolder(ctx))).toBe(false);
  });

  it('is got by the next set-up when one was killed in the middle of the download', async () => {
    const wheel = standInWheel();
    const { ctx } = offlineContext(sha256(wheel), wheel);
    const standIn = standInCheckout();
    const halfway = join(standIn.root, 'halfway');
    writeExecutables(standIn.bin, {
      python3: `
        const fs = require('node:fs');
        if (!process.argv.includes('download')) process.exit(0);
        fs.writeFileSync(process.env.TMPDIR + '/half.whl', 'half');
        fs.writeFileSync(${JSON.stringify(halfway)}, '');
        const parent = process.ppid;
        setInterval(() => process.ppid === parent || process.exit(), 50);`,
    });
    const env = { ...standIn.env, EPOCHD_CACHE_DIR: ctx.cache };
    const script = `
      const { createContext } = await import('./setup/context.mjs');
      const { library } = await import('./setup/library.mjs');
      const { ensure } = await import('./setup/requirement.mjs');
      await ensure(library, { ...createContext(), wheels: ${JSON.stringify(ctx.wheels)} });`;
    writeFiles(standIn.root, { 'scripts/only-library.mjs': script });
    const { child, ended } = startScript({ ...standIn, env }, 'only-library.mjs');
    await vi.waitUntil(() => existsSync(halfway), { timeout: 20_000 });
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(libraryFolder(ctx))).toBe(false);
    await ensure(library, ctx);
    expect(readFileSync(join(libraryFolder(ctx), 'tensorflow/libtensorflow_cc.so.2'), 'utf8')).toBe('the library');
    expect(readdirSync(ctx.cache)).toHaveLength(1);
  });

  it('goes on after the wheels that an interrupted set-up had unpacked', async () => {
    const wheel = standInWheel();
    const { ctx } = offlineContext(sha256(wheel), wheel);
    const done = { ...pinned, project: 'nvidia-cublas-cu12', version: '12', sha256: 'not asked for' };
    const pins = { cpu: { x64: [done, ...ctx.wheels.cpu.x64], arm64: [done, ...ctx.wheels.cpu.arm64] } };
    const interrupted = { ...ctx, wheels: pins };
    writeFiles(`${libraryFolder(interrupted)}.partial`, {
      'nvidia-cublas-cu12-12.unpacked': '',
      'nvidia/cublas/lib/libcublas.so.12': 'cublas',
    });
    await ensure(library, interrupted);
    expect(readdirSync(libraryFolder(interrupted))).toEqual(expect.arrayContaining(['nvidia', 'tensorflow']));
  });
});

const hasCompiler = which('g++', process.env) !== undefined;
if (!hasCompiler) console.warn('skipped: tests of the binding need g++ (apt-get install -y g++)');

describe.skipIf(!hasCompiler)('the TensorFlow binding', () => {
  it('is left as it was when the newly compiled one does not answer', async () => {
    const root = temporaryFolder();
    const ctx = { ...createContext({ env: { ...process.env, EPOCHD_CACHE_DIR: join(root, 'cache') }, root }), say: () => undefined };
    const folder = join(libraryFolder(ctx), 'tensorflow');
    mkdirSync(folder, { recursive: true });
    for (const name of ['cc', 'framework']) {
      await capture('g++', ['-shared', '-x', 'c++', '/dev/null', '-o', join(folder, `libtensorflow_${name}.so.2`)]);
    }
    const tfjs = 'node_modules/@tensorflow/tfjs-node-gpu';
    writeFiles(root, {
      [`${tfjs}/package.json`]: '{"version":"4.22.0"}',
      [`${tfjs}/binding/tfjs_binding.cc`]: 'int answer() { return 42; }',
      [`${tfjs}/lib/napi-v8/tfjs_binding.node`]: 'the one before',
      'node_modules/node-api-headers/package.json': '{"version":"1.9.0"}',
    });
    await expect(ensure(binding, ctx)).rejects.toThrow(
      /Module did not self-register[\s\S]*To get it: {2}node scripts\/setup.mjs --tensorflow=cpu/,
    );
    expect(readFileSync(installedBinding(ctx), 'utf8')).toBe('the one before');
  });
});

const here = createContext({ root: checkout });
const isProvisioned = existsSync(installedBinding(here));
if (!isProvisioned) console.warn('skipped: TensorFlow is not installed (node scripts/setup.mjs --tensorflow)');

it.skipIf(!isProvisioned)('the TensorFlow of this checkout answers with the pinned version', async () => {
  expect(await askTensorflow(installedBinding(here), here)).toMatch(new RegExp(`^${pinned?.version} on (the CPU|a GPU)$`));
});
