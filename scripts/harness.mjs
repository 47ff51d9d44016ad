import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runScript, ScriptFailed } from './script.mjs';
import { createContext } from './setup/context.mjs';
import { chooseVariant, setUp } from './setup/set-up.mjs';

// harness.mjs NAME ARGUMENTS...: builds, gets TensorFlow when the arguments ask for that engine, and runs dist/harness/NAME.js.
// Only the harness writes to stdout: its lines are for programs.

await runScript(async () => {
  const [name, ...args] = process.argv.slice(2);
  const base = createContext({ quiet: true });
  const ctx = { ...base, variant: chooseVariant(base) };
  await setUp(ctx, { withRedis: args.includes('--service'), withTensorflow: asksForTensorflow(args) });
  const program = join(ctx.root, `dist/harness/${name}.js`);
  if (!existsSync(program)) throw new ScriptFailed(`there is no harness named ${name}: expected ${program}`);
  const [code] = await once(spawn(process.execPath, [program, ...args], { env: ctx.env, stdio: 'inherit' }), 'exit');
  return code ?? 1;
});

function asksForTensorflow(args) {
  return args.some((arg, at) => arg === '--engine=tensorflow' || (arg === 'tensorflow' && args[at - 1] === '--engine'));
}
