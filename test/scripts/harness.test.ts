import { expect, it } from 'vitest';
import { runScript, standInCheckout, writeFiles } from './stand-in.ts';

it('builds, runs the harness with the arguments, and passes on its exit code and nothing but its output', async () => {
  const standIn = standInCheckout();
  writeFiles(standIn.root, { 'src/harness/echo.js': 'console.log(process.argv.slice(2).join()); process.exitCode = 3;' });
  const { code, stdout } = await runScript(standIn, 'harness.mjs', 'echo', '--engine', 'core', '--cases', 'x');
  expect({ code, stdout }).toEqual({ code: 3, stdout: '--engine,core,--cases,x\n' });
});

it('gets TensorFlow when the harness is to use that engine', async () => {
  const { code, stdout, stderr } = await runScript(standInCheckout(), 'harness.mjs', 'echo', '--engine', 'tensorflow');
  expect(stderr).toContain('✗ python3: missing');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

it('names the harness that does not exist', async () => {
  const { code, stderr } = await runScript(standInCheckout(), 'harness.mjs', 'nothing');
  expect(stderr).toContain('there is no harness named nothing');
  expect(code).toBe(1);
});
