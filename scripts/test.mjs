import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript } from './script.mjs';
import { createContext } from './setup/context.mjs';
import { setUp } from './setup/set-up.mjs';
import { countTests } from './test/count.mjs';

// test.mjs ARGUMENTS...: sets up and runs vitest with the arguments. Tests of TensorFlow are skipped where it was not set up.
// The last line counts the tests; what went wrong outside of any test counts as a failed one.

await runScript(async () => {
  const ctx = createContext();
  await setUp(ctx);
  const folder = mkdtempSync(join(tmpdir(), 'epochd-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = [`--reporter=${ctx.env.CI ? 'dot' : 'default'}`, '--reporter=json', `--outputFile.json=${report}`];
    const vitest = join(ctx.root, 'node_modules/vitest/vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
      cwd: ctx.root,
      env: ctx.env,
      stdio: 'inherit',
    });
    const [code] = await once(child, 'exit');
    const { passed, failed, skipped } = countTests(report, code);
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
});
