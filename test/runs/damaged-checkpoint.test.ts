import { readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claimed, fileOf, newRun, saveEpochs } from './claimed-run.ts';

const damages: [string, (path: string) => Promise<void>][] = [
  ['truncated', (path) => truncate(path, 20)],
  ['emptied', (path) => truncate(path, 0)],
  ['removed', (path) => unlink(path)],
  [
    'bit-flipped',
    async (path) => {
      const bytes = await readFile(path);
      bytes[bytes.length - 3]! ^= 1;
      await unlink(path);
      await writeFile(path, bytes);
    },
  ],
];

for (const [how, damage] of damages) {
  for (const name of ['weights.safetensors', 'optimizer.safetensors', 'state.json', 'manifest.json']) {
    if (how === 'bit-flipped' && name === 'manifest.json') continue;
    test(`a newest checkpoint whose ${name} was ${how} is named in an event, and the one before it is used`, async () => {
      const { runs, id, folder } = await newRun();
      await saveEpochs(runs, id, [0.5, 0.6, 0.7]);
      await damage(fileOf(folder, 1, 30, name));
      const { writer } = await claimed(runs, id);
      expect((await writer.loadNewest())?.state.step).toBe(20);
      expect(writer.damaged).toMatchObject([{ step: 30 }]);
      const run = await runs.read(id);
      expect(run.history.map(({ epoch }) => epoch)).toEqual([1, 2]);
      expect(await readFile(join(run.claimPath!, 'events.jsonl'), 'utf8')).toContain('"checkpoint_damaged"');
      expect((await readFile(join(run.claimPath!, 'metrics.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
    });
  }
}

test('when the best checkpoint is damaged, training starts where nothing depends on it', async () => {
  const { runs, id, folder } = await newRun();
  await saveEpochs(runs, id, [0.5, 0.6, 0.7]);
  await truncate(fileOf(folder, 1, 10, 'weights.safetensors'), 5);
  const { writer } = await claimed(runs, id);
  expect(await writer.loadNewest()).toBeNull();
  expect((await runs.read(id)).history).toEqual([]);
});

test('a checkpoint of another version is not guessed at: the one before it is used', async () => {
  const { runs, id, folder } = await newRun();
  await saveEpochs(runs, id, [0.5, 0.6, 0.7]);
  const path = fileOf(folder, 1, 30, 'manifest.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), version: 2 }));
  const { writer } = await claimed(runs, id);
  expect((await writer.loadNewest())?.state.step).toBe(20);
  expect(writer.damaged).toEqual([{ step: 30, detail: 'manifest.json: expected version 1, got 2' }]);
});
