import { join } from 'node:path';
import { capture } from './setup/command.mjs';
import { createContext } from './setup/context.mjs';

const tool = (path, ...args) => [join('node_modules', path), ...args];

// All are run, so that one look shows everything that is wrong.
const checks = {
  types: tool('typescript/bin/tsc', '--project', 'test'),
  lint: tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings'),
  'format and import order': tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
  'dead code': tool('knip/bin/knip.js'),
  'openapi.yaml up to date': ['dist/main.js', 'openapi', '--check'],
};

const ctx = createContext();
let failed = 0;
for (const [name, command] of Object.entries(checks)) {
  try {
    await capture(process.execPath, command, { env: ctx.env, cwd: ctx.root });
    process.stdout.write(`✓ ${name}\n`);
  } catch (failure) {
    failed += 1;
    process.stdout.write(`✗ ${name}: ${failure.output}\n`);
  }
}
process.stdout.write(failed === 0 ? 'all checks hold\n' : `${failed} of ${Object.keys(checks).length} checks failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
