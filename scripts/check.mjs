import { join } from 'node:path';
import { runScript } from './script.mjs';
import { build } from './setup/build.mjs';
import { capture } from './setup/command.mjs';
import { createContext } from './setup/context.mjs';
import { dependencies } from './setup/dependencies.mjs';
import { ensure } from './setup/requirement.mjs';

// All checks are run, so that one look shows everything that is wrong.
const checks = {
  types: (ctx) => runTool(ctx, 'typescript/bin/tsc', '--project', 'test'),
  lint: (ctx) => runTool(ctx, 'oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--format=unix'),
  'format and import order': (ctx) => runTool(ctx, '@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
  'dead code': (ctx) => runTool(ctx, 'knip/bin/knip.js', '--no-config-hints'),
  // What follows imports packages, and those may have to be installed first.
  'dead members': async (ctx) => (await import('./check/members.mjs')).checkMembers(ctx),
  'no known vulnerability locked': async (ctx) => (await import('./check/lockfile.mjs')).checkLockfile(ctx),
  'core.wasm up to date': (ctx) => runNode(ctx, 'core/build.mjs', '--check'),
  'openapi.yaml up to date': async (ctx) => {
    await ensure(build, ctx);
    return runNode(ctx, 'dist/main.js', 'openapi', '--check');
  },
};

await runScript(async () => {
  const ctx = createContext({ quiet: true });
  await ensure(dependencies, ctx);
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(ctx);
      process.stdout.write(`✓ ${name}\n`);
    } catch (failure) {
      failed += 1;
      process.stdout.write(`✗ ${name}\n${failure.output ?? failure.message}\n`);
    }
  }
  process.stdout.write(failed === 0 ? 'all checks hold\n' : `${failed} of ${Object.keys(checks).length} checks failed\n`);
  return failed === 0 ? 0 : 1;
});

function runTool(ctx, path, ...args) {
  return runNode(ctx, join('node_modules', path), ...args);
}

function runNode(ctx, ...args) {
  return capture(process.execPath, args, { env: { ...ctx.env, NO_COLOR: '1' }, cwd: ctx.root });
}
