import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { benchCommand } from '../../../src/harness/bench/command.ts';
import { runCommand } from '../../../src/harness/command.ts';
import { temporaryFolder } from '../../folders.ts';

const TINY = { vocab: 5, T: 3, embedding: 2, lstm: [2], batch: 4, steps: 2 };

describe('the bench command', () => {
  const stdout: string[] = [];
  const stderr: string[] = [];
  let folder: string;
  let models: string;

  beforeEach(async () => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => stdout.push(String(text)) > 0);
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => stderr.push(String(text)) > 0);
    folder = temporaryFolder();
    models = join(folder, 'models.json');
    await writeFile(
      models,
      JSON.stringify([
        { name: 'one', ...TINY },
        { name: 'two', ...TINY, lstm: [2, 3] },
      ]),
    );
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    stdout.length = 0;
    stderr.length = 0;
  });

  it('prints one line for each model, or for the one named', async () => {
    expect(await runCommand(['--engine', 'core-wasm', '--models', models], benchCommand)).toBe(0);
    expect(await runCommand(['--engine', 'core-wasm', '--models', models, '--only', 'two'], benchCommand)).toBe(0);
    const lines = stdout.map((text) => JSON.parse(text) as { model: string; best_ms: number; median_ms: number });
    expect(lines.map(({ model }) => model)).toEqual(['one', 'two', 'two']);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(['engine', 'variant', 'model', 'best_ms', 'median_ms']);
      expect(line.best_ms).toBeGreaterThan(0);
      expect(line.median_ms).toBeGreaterThanOrEqual(line.best_ms);
    }
  });

  it('refuses a model that is not in the file, and a file of another format', async () => {
    expect(await runCommand(['--engine', 'core-wasm', '--models', models, '--only', 'three'], benchCommand)).toBe(2);
    expect(stderr.join('')).toContain('has no model three: expected one of one, two');
    await writeFile(models, JSON.stringify([{ ...TINY, name: 'one', batch: 0 }]));
    expect(await runCommand(['--engine', 'core-wasm', '--models', models], benchCommand)).toBe(2);
    expect(stderr.join('')).toContain('batch');
  });

  it.each([['--service', '--only', 'one'], ['--service', '--engine', 'core'], ['--service', '--cancels', '0'], ['--service=yes']])(
    'refuses what does not go with a measured service: %s %s',
    async (...args) => {
      expect(await runCommand(args, benchCommand)).toBe(2);
    },
  );
});
