import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../folders.ts';
import { writeStub } from './stub-python.ts';

const BENCH = resolve('dist/harness/bench.js');
const ENGINE = 'core-wasm';

/** 3 passes * 4 rows * (3 time steps * 2 * 8 gate units * (2 inputs + 2 units) + 2 * 2 units) = 2352 operations a step. */
const ONE = { name: 'one', vocab: 5, T: 3, embedding: 2, lstm: [2], batch: 4, steps: 2 };
/** 3 * 4 * (3 * 2 * 8 * (2 + 2) + 3 * 2 * 12 * (2 + 3) + 2 * 3) = 6696 */
const TWO = { ...ONE, name: 'two', lstm: [2, 3] };
const FLOPS = { one: 2352, two: 6696 };

/** Answers with the operations it was asked for. */
const LIMIT = `echo "{\\"peer\\":\\"limit\\",\\"best_ms\\":$2,\\"median_ms\\":$2}"`;
const PEER = `test -f "$3" && echo "{\\"peer\\":\\"keras-jax\\",\\"model\\":\\"$4\\",\\"best_ms\\":1e-6,\\"median_ms\\":2e-6}"`;

let folder: string;
let models: string;

beforeEach(async () => {
  folder = temporaryFolder();
  models = join(folder, 'models.json');
  await writeFile(models, JSON.stringify([ONE, TWO]));
});

describe('bench --peers', () => {
  it('times ours and the peers in turn, and prints times, ratios, and who could not take part', async () => {
    const python = await writeStub(folder, {
      [`limit.py ${FLOPS.one}`]: LIMIT,
      [`limit.py ${FLOPS.two}`]: LIMIT,
      'step.py keras-jax': PEER,
    });
    const { code, stdout, stderr } = await bench(['--peers', python, '--engine', ENGINE, '--engine', 'torch', '--models', models]);
    expect(code, stderr).toBe(0);
    const [times, ratios] = tablesIn(stdout);
    expect(times?.map((row) => row[0])).toEqual(['model', '---', 'one', 'two']);
    expect(times?.[0]).toEqual(['model', ENGINE, 'keras-jax', 'limit']);
    expect(times?.[2]).toEqual(['one', expect.stringMatching(/^[\d.e-]+ \([\d.e-]+\)$/), '0.000001 (0.000002)', '2350 (2350)']);
    expect(times?.[3]?.[3]).toBe('6700 (6700)');
    expect(ratios?.[0]).toEqual(['model', 'ours', 'fastest peer', 'keras-jax', 'limit']);
    const ours = Number(times?.[2]?.[1]?.split(' ')[0]);
    const [, , toFastest = '', toPeer] = ratios?.[2] ?? [];
    expect((Number(toPeer) * 1e-6) / ours).toBeCloseTo(1, 1);
    expect(toFastest).toBe(`${toPeer} (keras-jax)`);
    expect(stdout).toContain("Skipped: keras-tensorflow: No module named 'keras-tensorflow'");
    expect(stdout).toContain("Skipped: torch-2: No module named 'torch-2'");
    expect(stdout).toContain('Skipped: torch: there is no engine "torch"');
    const turns = stderr.split('\n').filter((line) => /^(one|two), /.test(line) && line.includes('answer'));
    expect(turns.map((line) => line.slice(0, line.indexOf(':')))).toEqual(
      ['one', 'two'].flatMap((model) => ['limit', ENGINE, 'keras-jax'].map((name) => `${model}, ${name}`)),
    );
  });

  it('goes on when a peer fails or prints nonsense, shows its words, and exits with 1', async () => {
    const python = await writeStub(folder, {
      'step.py keras-jax': PEER,
      'step.py torch-1': 'echo "Traceback" >&2; echo "MemoryError" >&2; exit 1',
      'step.py torch-2': 'echo "warming up"',
      'step.py keras-tensorflow': 'kill -KILL $$',
    });
    const { code, stdout, stderr } = await bench(['--peers', python, '--engine', ENGINE, '--models', models, '--only', 'two']);
    expect(code).toBe(1);
    expect(stderr).toContain('Traceback\n');
    expect(stdout).toContain('Failed: torch-1 in two: it ended with 1: MemoryError');
    expect(stdout).toContain('Failed: torch-2 in two: it printed "warming up": ');
    expect(stdout).toContain('Failed: keras-tensorflow in two: it ended with SIGKILL');
    expect(stdout).toContain(`Skipped: limit: No module named '${FLOPS.two}'`);
    expect(tablesIn(stdout)[0]?.map((row) => row[0])).toEqual(['model', '---', 'two']);
  });

  it('exits with 1 when there is no peer to compare with', async () => {
    const { code, stdout } = await bench(['--peers', await writeStub(folder, {}), '--engine', ENGINE, '--models', models, '--only', 'one']);
    expect(code).toBe(1);
    expect(tablesIn(stdout)[0]?.[0]).toEqual(['model', ENGINE]);
  });
});

describe('bench --fit', () => {
  it('trains the seed in turn with the peers, over the same rows, and leaves nothing behind', async () => {
    const python = await writeStub(folder, {
      'fit.py keras-jax': `head -c 128 "$3/x_train.npy" | tr -d '\\000' | grep -q "(20000, 100)" && cd "$3" && ls x_val.npy y_train.npy y_val.npy >&2 && echo '{"peer":"keras-jax","seconds":1,"val_loss":0.5,"peak_mib":900}'`,
    });
    const { code, stdout, stderr } = await bench(['--fit', python, '--engine', ENGINE, '--epochs', '1', '--runs', '2'], { TMPDIR: folder });
    expect(code, stderr).toBe(0);
    const [[header, , ours, peer] = []] = tablesIn(stdout);
    expect(header).toEqual(['', 'best s', 'median s', '/ keras-jax', 'val_loss (run 1)', 'peak MiB']);
    expect(ours?.[0]).toMatch(/^core-wasm/);
    expect(ours?.[3], 'the peer takes one second').toBe(ours?.[1]);
    expect(Number(ours?.[4])).toBeCloseTo(0.692, 2);
    expect(Number(ours?.[5])).toBeGreaterThan(20);
    expect(peer).toEqual(['keras-jax', '1', '1', '1', '0.5', '900']);
    expect(stdout).toContain('1 epochs');
    expect(stdout).toContain('Skipped: keras-tensorflow: ');
    expect(await readdir(folder)).toEqual(['models.json', 'python']);
  });
});

describe('what bench refuses', () => {
  it.each([
    [['--peers', 'python3', '--fit', 'python3'], '--fit does not go with this call: expected --peers, --models, --only'],
    [['--engine', ENGINE, '--runs', '2'], '--runs does not go with this call: expected --models, --only'],
    [['--engine', ENGINE, '--engine', 'tensorflow'], '--engine was given 2 times: expected once'],
    [['--fit', 'python3', '--epochs', '1.5'], '--epochs is 1.5: expected a whole number from 1'],
    [['--fit', 'python3', '--runs', '0'], '--runs is 0: expected a whole number from 1'],
    [['--peers', '/no/such/python'], '/no/such/python cannot be run: spawn /no/such/python ENOENT'],
    [['--peers', 'python3', '--only', 'three'], 'has no model three: expected one of seed, h64, h128, 2xh64'],
    [['--peers'], "'--peers <value>' argument missing"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await bench(args);
    expect(stderr).toContain(message);
    expect(stderr).toContain('usage: npm run bench');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.warn("SKIPPED tests of the peers' programs: there is no python3");

describe.skipIf(!hasPython)("the peers' programs", () => {
  it.each([
    ['step.py', ['torch-2', 'models.json'], "No module named 'torch'"],
    ['fit.py', ['keras-jax', '.', '1'], "No module named 'keras'"],
    ['limit.py', ['1000'], "No module named 'numpy'"],
  ])('%s says what it cannot import', async (script, args, reason) => {
    // -S: without site-packages, where all of them are.
    const { code, stdout, stderr } = await run('python3', ['-S', resolve('bench/peers', script), ...args], { PYTHONPATH: '' });
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '', stderr: `${reason}\n` });
  });
});

const bench = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => run(process.execPath, [BENCH, ...args], env);

async function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

/** The cells of each Markdown table in a text. */
const tablesIn = (output: string): string[][][] =>
  output
    .split('\n\n')
    .filter((block) => block.startsWith('|'))
    .map((block) => block.split('\n').map((line) => line.slice(2, -2).split(' | ')));
