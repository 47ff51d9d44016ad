import { readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { holdDataFolder } from '../../src/service/data-lock.ts';
import { socketFolder } from '../../src/service/socket-folder.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { birthOf } from '../births.ts';
import { notBuilt } from '../built.ts';
import { epochd } from '../epochd.ts';
import { temporaryFolder } from '../folders.ts';
import { takeForTraining } from '../http/trained-run.ts';
import { newJobId, seedSpec } from '../seed-job.ts';

interface Kept {
  readonly dataDir: string;
  readonly runs: Runs;
  readonly id: string;
  /** The run's folder. */
  readonly folder: string;
}

/** A data folder with a run of three epochs that has ended, or is in work. */
async function trained(isEnded: boolean): Promise<Kept> {
  const dataDir = temporaryFolder();
  const runs = openRuns(await openFolder(dataDir));
  await runs.listUnfinished();
  const id = newJobId();
  const spec = seedSpec({ training: { epochs: 3 }, model: { lstm: [{ units: 2 }], embedding: { output_dim: 2 } } });
  const birth = await birthOf(spec);
  await runs.create(id, birth);
  const training = await takeForTraining(runs, id);
  await training.claim.writeProvenance({ spec, epochd: birth.epochd });
  for (const loss of [0.7, 0.6, 0.5]) await training.epoch(loss, loss);
  if (isEnded) await training.succeed();
  return { dataDir, runs, id, folder: join(dataDir, 'runs', id) };
}

const check = ({ dataDir }: Kept, ...args: string[]) => epochd(['check', ...args], { EPOCHD_DATA_DIR: dataDir });

async function halve(path: string): Promise<void> {
  const bytes = await readFile(path);
  await truncate(path, bytes.length >> 1);
}

describe.skipIf(notBuilt)('epochd check', () => {
  test('finds nothing where all is whole', async () => {
    const kept = await trained(true);
    expect(await check(kept)).toEqual({ code: 0, stdout: 'runs: 1, damaged: 0, faults: 0, left: 0\n', stderr: '' });
  });

  test.each([
    ['the birth certificate', 'run.json', 'provenance'],
    ['the last record', 'state/000003.json', 'running'],
    ['a segment of the history', 'claims/0001/history/000000.jsonl', 'newest checkpoint; only the last epoch keeps its points'],
    ['the head of the claim', 'claims/0001/head.json', 'put again'],
  ])('names %s that is lost or damaged, and makes it again with --repair alone', async (_, file, remedy) => {
    for (const damage of file.endsWith('head.json') ? [unlink] : [unlink, halve]) {
      const kept = await trained(true);
      const { runs, id, folder } = kept;
      const [before, history] = [await runs.read(id), await runs.readHistory(id)];
      await damage(join(folder, file));
      const files = await readdir(folder, { recursive: true });
      const found = await check(kept);
      expect(found).toMatchObject({ code: 1, stdout: expect.stringContaining('runs: 1, damaged: 1, faults: 1, left: 1\n') });
      expect(found.stdout).toContain(remedy);
      expect(await readdir(folder, { recursive: true })).toEqual(files);
      expect(await check(kept, '--repair')).toMatchObject({ code: 0, stdout: expect.stringContaining('repaired: ') });
      expect(await check(kept)).toMatchObject({ code: 0, stdout: 'runs: 1, damaged: 0, faults: 0, left: 0\n' });
      const after = await runs.read(id);
      expect({ ...after.birth, submitted_at: '' }).toEqual({ ...before.birth, submitted_at: '' });
      expect([await runs.readHistory(id), after.checkpoints]).toEqual([history, before.checkpoints]);
    }
  });

  test('a run in work whose record cannot be read goes on after the repair: it is claimed again', async () => {
    const kept = await trained(false);
    const { runs, id, folder } = kept;
    await writeFile(join(folder, 'state', '000003.json'), '');
    expect((await check(kept, '--repair')).code).toBe(0);
    expect((await runs.read(id)).record).toMatchObject({ state: 'running', reason: 'repaired', claim: 1 });
    expect(await runs.listUnfinished()).toEqual([{ id, retries: 0 }]);
    expect(await runs.claim(id, { worker: 'next', maxAttempts: 3 })).toMatchObject({ state: 'running', claim: 2 });
  });

  test('what nothing can replace stays as it is, and is named', async () => {
    const kept = await trained(true);
    const checkpoints = join(kept.folder, 'claims/0001/checkpoints');
    const [name = ''] = await readdir(checkpoints);
    await halve(join(checkpoints, name));
    const damaged = await readFile(join(checkpoints, name));
    const { code, stdout } = await check(kept, '--repair');
    expect([code, stdout]).toEqual([1, expect.stringContaining(`checkpoints/${name}: `)]);
    expect(stdout).toContain('it cannot be repaired');
    expect(await readFile(join(checkpoints, name))).toEqual(damaged);
  });

  test('refuses a folder that serve works on', async () => {
    const kept = await trained(true);
    onTestFinished(await holdDataFolder(kept.dataDir, await socketFolder(kept.dataDir)));
    expect(await check(kept)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('another epochd serve') });
  });
});
