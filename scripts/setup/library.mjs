import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture } from './command.mjs';
import { downloadWheel } from './download.mjs';
import { ensure } from './requirement.mjs';
import { pip, python } from './tools.mjs';
import { tensorflowVersion } from './wheels.mjs';

const unpacker = fileURLToPath(new URL('unpack.py', import.meta.url));

/** What was taken from the wheels, in the folders they have there. It exists only when it is whole; its name says what is in it. */
export function libraryFolder(ctx) {
  const hash = createHash('sha256')
    .update(JSON.stringify(wheelsFor(ctx)))
    .digest('hex');
  return join(ctx.cache, `tensorflow-${tensorflowVersion}-${ctx.variant}-${hash.slice(0, 8)}`);
}

export const library = {
  name: 'TensorFlow library',
  needed: `libtensorflow_cc ${tensorflowVersion}`,
  doing: 'downloading with pip',
  place: (ctx) => libraryFolder(ctx),
  mend: (ctx) => (wheelsFor(ctx).length > 0 ? `node scripts/setup.mjs --tensorflow=${ctx.variant}` : 'docker compose up'),
  inspect: (ctx) => {
    const folder = libraryFolder(ctx);
    const ok = existsSync(folder);
    return { ok, found: ok ? folder : `not in ${ctx.cache}` };
  },
  install: async (ctx) => {
    if (wheelsFor(ctx).length === 0) throw new Error(`there is no ${ctx.variant} wheel for ${process.platform} on ${process.arch}`);
    for (const tool of [python, pip]) await ensure(tool, ctx);
    const partial = `${libraryFolder(ctx)}.partial`;
    for (const wheel of wheelsFor(ctx)) await addWheel(wheel, partial, ctx);
    renameSync(partial, libraryFolder(ctx));
  },
};

/** Downloads and unpacks one wheel; a mark says that it is unpacked, so that an interrupted set-up goes on with the next. */
async function addWheel(wheel, folder, ctx) {
  const mark = join(folder, `${wheel.project}-${wheel.version}.unpacked`);
  if (existsSync(mark)) return;
  const path = await downloadWheel(wheel, folder, ctx);
  await capture('python3', [unpacker, path, wheel.files, folder], { env: ctx.env });
  rmSync(path);
  writeFileSync(mark, '');
}

function wheelsFor(ctx) {
  return (process.platform === 'linux' && ctx.wheels[ctx.variant]?.[process.arch]) || [];
}
