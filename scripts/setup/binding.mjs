import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture } from './command.mjs';
import { libraryFolder } from './library.mjs';
import { ensure } from './requirement.mjs';
import { compiler } from './tools.mjs';

const smokeTest = fileURLToPath(new URL('smoke.mjs', import.meta.url));
const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'];
const libraries = ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'];

/** tfjs-node's stock binding, compiled against our TensorFlow. In the cache it is kept once it has answered. */
export const binding = {
  name: 'TensorFlow binding',
  needed: 'tfjs_binding.node, compiled against the TensorFlow library',
  doing: 'compiling with g++ (about 10 s), or taking it from the cache',
  place: (ctx) => libraryFolder(ctx),
  mend: (ctx) => `node scripts/setup.mjs --tensorflow=${ctx.variant}`,
  inspect: (ctx) => {
    const installed = installedBinding(ctx);
    const cached = existsSync(packageFolder(ctx)) && cachedBinding(ctx);
    const ok = cached && existsSync(cached) && existsSync(installed) && readFileSync(cached).equals(readFileSync(installed));
    return { ok, found: ok ? installed : 'not compiled for this TensorFlow and these npm packages' };
  },
  install: async (ctx) => {
    const cached = cachedBinding(ctx);
    if (!existsSync(cached)) await compile(cached, ctx);
    const installed = installedBinding(ctx);
    mkdirSync(dirname(installed), { recursive: true });
    copyFileSync(cached, `${installed}.new`);
    renameSync(`${installed}.new`, installed);
  },
};

/** Where tfjs-node looks for it. */
export function installedBinding(ctx) {
  return join(packageFolder(ctx), 'lib/napi-v8/tfjs_binding.node');
}

/** Has a binding multiply two matrices in a process of its own; gives TensorFlow's version. Throws CommandFailed. */
export async function askTensorflow(path, ctx) {
  return (await capture(process.execPath, [smokeTest, path], { env: { ...ctx.env, TF_CPP_MIN_LOG_LEVEL: '3' } })).trim();
}

async function compile(target, ctx) {
  await ensure(compiler, ctx);
  const unproven = target.replace(/\.node$/, '.new.node');
  await capture('g++', [...compilerArguments(ctx), '-o', unproven], { env: ctx.env });
  await askTensorflow(unproven, ctx);
  renameSync(unproven, target);
}

function compilerArguments(ctx) {
  const sources = join(packageFolder(ctx), 'binding');
  const sourceFiles = readdirSync(sources)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(sources, name));
  const tensorflow = join(libraryFolder(ctx), 'tensorflow');
  const includes = [join(tensorflow, 'include'), join(ctx.root, 'node_modules/node-api-headers/include')];
  return [
    ...flags,
    ...includes.map((folder) => `-I${folder}`),
    ...sourceFiles,
    `-L${tensorflow}`,
    ...libraries,
    `-Wl,-rpath,${tensorflow}`,
  ];
}

/** Named after all that it is made from: another version of any of it is another binding. */
function cachedBinding(ctx) {
  const madeFrom = [versionOf('@tensorflow/tfjs-node-gpu', ctx), versionOf('node-api-headers', ctx), ...flags, libraryFolder(ctx)];
  const hash = createHash('sha256').update(madeFrom.join(' ')).digest('hex').slice(0, 8);
  return join(libraryFolder(ctx), `tfjs_binding-${hash}.node`);
}

function packageFolder(ctx) {
  return join(ctx.root, 'node_modules/@tensorflow/tfjs-node-gpu');
}

function versionOf(name, ctx) {
  return JSON.parse(readFileSync(join(ctx.root, 'node_modules', name, 'package.json'), 'utf8')).version;
}
