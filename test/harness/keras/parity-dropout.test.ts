import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterEach, expect, it, vi } from 'vitest';
import { runCommand } from '../../../src/harness/command.ts';
import { parityCommand } from '../../../src/harness/keras/parity.ts';
import { readCases, readRecording } from '../../../src/harness/keras/recording.ts';
import { replay } from '../../../src/harness/keras/replay.ts';
import { temporaryFolder } from '../../folders.ts';
import { GOLDEN } from '../../golden.ts';
import { referenceEngine } from '../../reference/engine.ts';

const DROPOUT = join(GOLDEN, 'dropout');
const NAMES = Object.keys(await readCases(DROPOUT));

afterEach(() => vi.restoreAllMocks());

it.each(NAMES)("with Keras' own masks the reference follows what Keras recorded: %s", async (name) => {
  const { maxLossRel, maxWeightAbs } = replay(referenceEngine, await readRecording(DROPOUT, name, (await readCases(DROPOUT))[name]));
  expect(maxLossRel).toBeLessThan(1e-6);
  expect(maxWeightAbs).toBeLessThan(1e-6);
});

it('replays a folder with an index.json, and names the place where a file lacks something', async () => {
  const folder = temporaryFolder();
  const { stack_dense, bi_stack_masked } = JSON.parse(await readFile(join(DROPOUT, 'index.json'), 'utf8')) as Record<string, object>;
  const cases: Record<string, { entry: object | undefined; without?: string; instead?: string; recording: string }> = {
    whole: { entry: bi_stack_masked, recording: 'bi_stack_masked' },
    no_dense_mask: { entry: stack_dense, without: 'mask_4_13', recording: 'stack_dense' },
    no_gate: { entry: bi_stack_masked, without: 'mask_0_14', recording: 'bi_stack_masked' },
    no_order: { entry: bi_stack_masked, without: 'order_7', recording: 'bi_stack_masked' },
    another_shape: { entry: bi_stack_masked, without: 'mask_0_1', instead: 'mask_0_4', recording: 'bi_stack_masked' },
    too_many: { entry: { ...stack_dense, c: { lstm: [{ units: 4 }, { units: 3, dropout: 0.5 }] } }, recording: 'stack_dense' },
  };
  for (const [name, { without, instead, recording }] of Object.entries(cases)) {
    const members = unzipSync(await readFile(join(DROPOUT, `${recording}.npz`)));
    const replacement = members[`${instead}.npy`];
    if (without) delete members[`${without}.npy`];
    if (without && replacement) members[`${without}.npy`] = replacement;
    await writeFile(join(folder, `${name}.npz`), zipSync(members));
  }
  await writeFile(
    join(folder, 'index.json'),
    JSON.stringify(Object.fromEntries(Object.entries(cases).map(([name, { entry }]) => [name, entry]))),
  );
  const printed: { case: string; pass: boolean; error?: string }[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(JSON.parse(String(text)) as (typeof printed)[number]) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  expect(await runCommand(['--engine', 'core-wasm', '--cases', folder], parityCommand)).toBe(1);
  const lines = Object.fromEntries(printed.map((line) => [line.case, line]));
  expect(lines['whole']).toMatchObject({ pass: true });
  expect(lines['no_dense_mask']?.error).toMatch(
    /has no mask_4_13: expected \[16, 3\], the dropout mask of lstm layer 1, recurrent, forward, gate f$/,
  );
  expect(lines['no_gate']?.error).toMatch(
    /has no mask_0_14: expected \[13, 4\], the dropout mask of lstm layer 0, recurrent, backward, gate c$/,
  );
  expect(lines['no_order']?.error).toMatch(/has no order_7: expected the rows of the batch of step 7$/);
  expect(lines['another_shape']?.error).toMatch(/mask_0_1 has shape \[13, 4\]: expected \[13, 5\], .* input, forward, gate f$/);
  expect(lines['too_many']?.error).toMatch(/has 18 dropout masks in step 0: expected 1$/);
});

it('takes a mask that gates were given to share', async () => {
  const recording = await readRecording(DROPOUT, 'lstm_both', (await readCases(DROPOUT))['lstm_both']);
  expect(recording.masks[0]).toHaveLength(8);
  const folder = temporaryFolder();
  const members = unzipSync(await readFile(join(DROPOUT, 'lstm_both.npz')));
  const kept = Object.entries(members).flatMap(([name, bytes]) => {
    const [, step, call] = /^mask_(\d+)_(\d+)\.npy$/.exec(name) ?? [];
    if (step === undefined) return [[name, bytes] as const];
    return Number(call) % 4 === 0 ? [[`mask_${step}_${Number(call) / 4}.npy`, bytes] as const] : [];
  });
  await writeFile(join(folder, 'lstm_both.npz'), zipSync(Object.fromEntries(kept)));
  const shared = await readRecording(folder, 'lstm_both', (await readCases(DROPOUT))['lstm_both']);
  expect(shared.masks[3]?.map((mask) => [...mask])).toEqual(
    [0, 0, 0, 0, 4, 4, 4, 4].map((site) => [...(recording.masks[3]?.[site] ?? [])]),
  );
});
