import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './command.mjs';

export const build = {
  name: 'build',
  needed: 'dist newer than src',
  doing: 'compiling src into dist',
  place: (ctx) => ctx.root,
  mend: () => 'npm run build',
  inspect: (ctx) => {
    const dist = join(ctx.root, 'dist');
    if (!existsSync(dist)) return { ok: false, found: 'not built' };
    if (!existsSync(join(ctx.root, 'src'))) return { ok: true, found: 'dist, without its sources' };
    const sources = ['src', 'tsconfig.json', 'package-lock.json'].flatMap((name) => changeTimes(join(ctx.root, name)));
    const outputs = changeTimes(dist, { foldersToo: false });
    // The oldest output counts: what is left of a deleted source is old too, and is swept away by building anew.
    const ok = outputs.length > 0 && Math.min(...outputs) >= Math.max(...sources);
    return { ok, found: ok ? 'dist is newer than src' : 'src is newer than dist' };
  },
  /** Compiles beside dist and swaps, so that dist is at no time half a build. */
  install: async (ctx) => {
    const [dist, fresh, old] = ['dist', 'dist.new', 'dist.old'].map((name) => join(ctx.root, name));
    const tsc = join(ctx.root, 'node_modules/typescript/bin/tsc');
    rmSync(old, { recursive: true, force: true });
    try {
      await capture(process.execPath, [tsc, '--outDir', fresh], { cwd: ctx.root, env: ctx.env });
      if (existsSync(dist)) renameSync(dist, old);
      renameSync(fresh, dist);
    } finally {
      for (const left of [fresh, old]) rmSync(left, { recursive: true, force: true });
    }
  },
};

/** When a file, or everything in a folder, was last changed, in milliseconds. A folder changes when a file in it is removed. */
function changeTimes(path, { foldersToo = true } = {}) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return [stat.mtimeMs];
  const inside = readdirSync(path).flatMap((name) => changeTimes(join(path, name), { foldersToo }));
  return foldersToo ? [stat.mtimeMs, ...inside] : inside;
}
