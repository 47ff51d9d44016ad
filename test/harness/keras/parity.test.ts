import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../../src/harness/command.ts';
import { parityCommand } from '../../../src/harness/keras/parity.ts';
import { tensorflow } from '../../engines/tensorflow/tensorflow.ts';
import { temporaryFolder } from '../../folders.ts';
import { GOLDEN } from '../../golden.ts';

interface Line {
  case: string;
  engine: string;
  variant: string;
  max_loss_rel: number | null;
  max_weight_abs: number | null;
  max_prediction_abs: number | null;
  pass: boolean;
  error?: string;
}

const stdout: string[] = [];
const stderr: string[] = [];

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => stdout.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => stderr.push(String(text)) > 0);
});

afterEach(() => {
  vi.restoreAllMocks();
  stdout.length = 0;
  stderr.length = 0;
});

describe('the parity command', () => {
  it('explains itself on --help, and keeps stdout for JSON', async () => {
    expect(await runCommand(['--help'], parityCommand)).toBe(0);
    expect(stdout).toEqual([]);
    expect(stderr.join('')).toContain('usage: npm run parity -- --engine NAME [--cases DIR]');
  });

  it.each([
    [['--engin', 'tensorflow'], "Unknown option '--engin'"],
    [['--engine'], "'--engine <value>' argument missing"],
    [[], '--engine NAME is missing'],
    [['tensorflow'], 'Unexpected argument'],
  ])('refuses %j', async (args, message) => {
    expect(await runCommand(args, parityCommand)).toBe(2);
    expect(stderr.join('')).toContain(message);
    expect(stdout).toEqual([]);
  });

  it('says which engines there are', async () => {
    expect(await runCommand(['--engine', 'torch'], parityCommand)).toBe(3);
    expect(stderr.join('')).toContain('there is no engine "torch": expected auto, core');
  });
});

describe.skipIf(!tensorflow)('the tensorflow engine, beside Keras', () => {
  it.each([
    [[], 4],
    [['--cases', join(GOLDEN, 'more')], 39],
    [['--cases', join(GOLDEN, 'dropout')], 8],
  ])('passes all recorded cases of %j', async (args, count) => {
    expect(await runCommand(['--engine', 'tensorflow', ...args], parityCommand)).toBe(0);
    const lines = printed();
    expect(lines).toHaveLength(count);
    for (const line of lines) expect(line, line.case).toMatchObject({ engine: 'tensorflow', pass: true });
    for (const { max_loss_rel, max_weight_abs, max_prediction_abs } of lines) {
      expect(max_loss_rel).toBeLessThanOrEqual(1e-5);
      expect(max_weight_abs).toBeLessThanOrEqual(1e-4);
      expect(max_prediction_abs ?? 0).toBeLessThanOrEqual(1e-4);
    }
  });

  it('goes on after cases that miss or cannot run, and then exits with 1', async () => {
    const folder = temporaryFolder();
    const { cases } = JSON.parse(await readFile(join(GOLDEN, 'more/cases.json'), 'utf8')) as { cases: Record<string, object> };
    const { adam_defaults: adam, sgd } = cases;
    const wrong = {
      another_formula: { ...adam, optimizer: { type: 'adam', learning_rate: 0.0011 } },
      too_many_steps: { ...adam, steps: 1000 },
      dropped: { ...adam, model: { ...(adam as { model: object }).model, lstm: [{ units: 6, dropout: 0.5 }] } },
      averaged: { ...adam, optimizer: { type: 'adam', use_ema: true } },
      unknown_layer_argument: { ...adam, model: { ...(adam as { model: object }).model, lstm: [{ units: 6, peephole: true }] } },
      another_size: { ...adam, model: { ...(adam as { model: object }).model, lstm: [{ units: 7 }] } },
      without_file: sgd,
      sgd,
    };
    await writeFile(join(folder, 'cases.json'), JSON.stringify({ cases: wrong }));
    for (const name of Object.keys(wrong)) {
      if (name !== 'without_file')
        await cp(join(GOLDEN, 'more', name === 'sgd' ? 'sgd.npz' : 'adam_defaults.npz'), join(folder, `${name}.npz`));
    }
    expect(await runCommand(['--engine', 'tensorflow', '--cases', folder], parityCommand)).toBe(1);
    const lines = Object.fromEntries(printed().map((line) => [line.case, line]));
    expect(lines['another_formula']).toMatchObject({ pass: false, max_weight_abs: expect.any(Number) });
    expect(lines['another_formula']).not.toHaveProperty('error');
    expect(lines['too_many_steps']).toMatchObject({ pass: false, max_loss_rel: null, error: 'order holds 12 steps: expected 1000' });
    expect(lines['dropped']?.error).toContain('has no mask_0_0: expected [16, 5], the dropout mask of lstm layer 0, input, forward');
    expect(lines['averaged']?.error).toContain('use_ema');
    expect(lines['unknown_layer_argument']?.error).toContain('peephole');
    expect(lines['another_size']?.error).toMatch(/initial_1 has shape \[5, 24\]: expected \[5, 28\]$/);
    expect(lines['without_file']?.error).toContain('ENOENT');
    expect(lines['sgd']).toMatchObject({ pass: true });
  });
});

const printed = (): Line[] => stdout.map((text) => JSON.parse(text) as Line);
