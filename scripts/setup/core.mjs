import { join } from 'node:path';
import { addon, buildAddon, isAddonCurrent } from '../../core/make/addon.mjs';
import { which } from './command.mjs';

const compilerOf = (ctx) => ctx.env.CXX || 'g++';

/** The core engine as machine code. Without it the same engine runs as WebAssembly, so its lack stops nobody. */
export const core = {
  name: 'core engine',
  needed: 'a C++ compiler, to compile it for this machine; until then it runs as WebAssembly, at about a third of the speed',
  optional: true,
  doing: 'compiling with a C++ compiler (about 10 s)',
  place: (ctx) => join(ctx.root, 'core'),
  mend: (ctx) => `${ctx.isSuperuser ? '' : 'sudo '}apt-get install -y g++ && node scripts/setup.mjs`,
  inspect: (ctx) => {
    const ok = isAddonCurrent(compilerOf(ctx));
    return { ok, found: ok ? addon : 'not compiled: WebAssembly is used' };
  },
  isPossible: (ctx) => which(compilerOf(ctx), ctx.env) !== undefined,
  install: async (ctx) => buildAddon(compilerOf(ctx)),
};
