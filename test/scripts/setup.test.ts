import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runScript, standInCheckout, startScript, writeExecutables, writeFiles } from './stand-in.ts';

const setup = 'setup.mjs';

/** Every file below a folder with the time of its last change. */
function changeTimes(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`).sort();
}

describe('setup', () => {
  it('installs the packages without their scripts, builds, and finds Redis', async () => {
    const standIn = standInCheckout();
    const { code, stderr, stdout } = await runScript(standIn, setup);
    expect(stderr).toContain('· npm packages: installing with npm ci');
    expect(stderr).toContain('· build: compiling src into dist');
    expect(stderr).toContain(`✓ Redis: ${join(standIn.bin, 'redis-server')}`);
    expect(readFileSync(join(standIn.root, 'npm.log'), 'utf8')).toContain('ci --ignore-scripts');
    expect(statSync(join(standIn.root, 'dist/main.js')).isFile()).toBe(true);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  it('says the second time that everything is done, and changes nothing', async () => {
    const standIn = standInCheckout();
    await runScript(standIn, setup);
    const before = changeTimes(standIn.root);
    const { code, stderr } = await runScript(standIn, setup);
    expect(stderr.split('\n').filter((line) => line.includes('·'))).toEqual([]);
    expect(stderr.match(/✓/g)).toHaveLength(4);
    expect(changeTimes(standIn.root)).toEqual(before);
    expect(code).toBe(0);
  });

  it('installs again when the lock asks for other packages than are there', async () => {
    const standIn = standInCheckout();
    await runScript(standIn, setup);
    const other = { packages: { '': {}, 'node_modules/zod': { version: '4.0.0', integrity: 'sha512-y' } } };
    writeFiles(standIn.root, { 'package-lock.json': JSON.stringify(other) });
    const { code, stderr } = await runScript(standIn, setup);
    expect(readFileSync(join(standIn.root, 'npm.log'), 'utf8').match(/^ci/gm)).toHaveLength(2);
    // The stand-in for npm installs what it always does, and set-up looks again.
    expect(stderr).toMatch(/✗ npm packages: .* is not as locked\n.*Needed: .*\n.*To get it: {2}npm ci/);
    expect(code).toBe(1);
  });

  it('builds again after a change and sweeps away what a removed source left', async () => {
    const standIn = standInCheckout();
    writeFiles(standIn.root, { 'src/old.js': '' });
    await runScript(standIn, setup);
    rmSync(join(standIn.root, 'src/old.js'));
    const { stderr } = await runScript(standIn, setup);
    expect(stderr).toContain('· build: compiling');
    expect(readdirSync(join(standIn.root, 'dist'))).toEqual(['main.js']);
  });

  it('does without a compiler, and says how to get one', async () => {
    const { code, stderr } = await runScript(standInCheckout(), setup);
    expect(stderr).toMatch(
      /- core engine: not compiled: WebAssembly is used\n +To get it: {2}(sudo )?apt-get install -y g\+\+ && node scripts\/setup.mjs/,
    );
    expect(code).toBe(0);
  });

  it('compiles the core engine where there is a compiler, and shows what that said when it fails', async () => {
    const standIn = standInCheckout();
    writeExecutables(standIn.bin, { 'g++': `require('node:fs').writeFileSync(process.argv[process.argv.indexOf('-o') + 1], 'code')` });
    expect((await runScript(standIn, setup)).stderr).toContain('✓ core engine: ');
    expect(readFileSync(join(standIn.root, 'core/build/core.node'), 'utf8')).toBe('code');
    rmSync(join(standIn.root, 'core/build'), { recursive: true });
    writeExecutables(standIn.bin, { 'g++': `console.error('no room'); process.exit(3)` });
    const { code, stderr } = await runScript(standIn, setup);
    expect(stderr).toMatch(/✗ core engine: .* ended with 3:\nno room/);
    expect(code).toBe(1);
  });

  it('keeps the last good build when the sources do not compile, and shows why', async () => {
    const standIn = standInCheckout();
    await runScript(standIn, setup);
    writeFiles(standIn.root, { 'src/main.js': 'wrong' });
    const { code, stderr } = await runScript(standIn, setup);
    expect(stderr).toContain('src/main.js: wrong');
    expect(stderr).toContain('To get it:  npm run build');
    expect(readFileSync(join(standIn.root, 'dist/main.js'), 'utf8')).toBe('');
    expect(readdirSync(standIn.root)).not.toContain('dist.new');
    expect(code).toBe(1);
  });

  it('run twice at once installs once: the second waits and says so', async () => {
    const standIn = standInCheckout();
    writeFiles(standIn.root, { hold: '' });
    const both = [startScript(standIn, setup), startScript(standIn, setup)];
    await vi.waitUntil(() => both.some(({ printed }) => printed.stderr.includes('another set-up is at work')), { timeout: 20_000 });
    rmSync(join(standIn.root, 'hold'));
    const outcomes = await Promise.all(both.map(({ ended }) => ended));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(readFileSync(join(standIn.root, 'npm.log'), 'utf8').match(/^ci/gm)).toHaveLength(1);
  });

  it('prints the command that gets Redis when there is none and it cannot install it', async () => {
    const standIn = standInCheckout();
    rmSync(join(standIn.bin, 'redis-server'));
    const { code, stderr } = await runScript(standIn, setup);
    expect(stderr).toMatch(
      /✗ Redis: missing.*\n.*Needed: .*redis-server or valkey-server on PATH\n.*apt-get update && (sudo )?apt-get install -y redis-server/,
    );
    expect(code).toBe(1);
    expect((await runScript(standIn, setup, '--no-redis')).code).toBe(0);
  });

  it('prints the command that gets python3 when TensorFlow is asked for without it', async () => {
    const { code, stderr } = await runScript(standInCheckout(), setup, '--tensorflow');
    expect(stderr).toMatch(/✗ python3: missing.*\n.*\n.*apt-get update && (sudo )?apt-get install -y python3\n/);
    expect(code).toBe(1);
  });

  it('refuses a variant of TensorFlow that does not exist and names those that do', async () => {
    const { code, stderr } = await runScript(standInCheckout(), setup, '--tensorflow=tpu');
    expect(stderr).toBe('--tensorflow=tpu: expected one of cpu, cuda\n');
    expect(code).toBe(2);
  });

  it('with --quiet says nothing when there is nothing to do', async () => {
    const standIn = standInCheckout();
    await runScript(standIn, setup);
    expect(await runScript(standIn, setup, '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
