import { readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { claimed, fileOf, newRun, pointsOf, saveEpochs } from './claimed-run.ts';

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
  test(`a newest checkpoint that was ${how} is named, and the one before it is used`, async () => {
    const { runs, id, folder } = await newRun();
    await saveEpochs(runs, id, [0.5, 0.6, 0.7]);
    await damage(fileOf(folder, 1, 30));
    const { writer } = await claimed(runs, id);
    expect((await writer.loadNewest())?.state.step).toBe(20);
    // One that is not there is none.
    expect(writer.damaged).toMatchObject(how === 'removed' ? [] : [{ step: 30 }]);
    expect((await runs.readHistory(id)).map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect((await pointsOf(runs, id)).map(({ epoch }) => epoch)).toEqual([1, 2]);
  });
}

test('when the best checkpoint is damaged, training starts where nothing depends on it', async () => {
  const { runs, id, folder } = await newRun();
  await saveEpochs(runs, id, [0.5, 0.6, 0.7]);
  await truncate(fileOf(folder, 1, 10), 5);
  const { writer } = await claimed(runs, id);
  expect(await writer.loadNewest()).toBeNull();
  expect(await runs.readHistory(id)).toEqual([]);
});

test('a checkpoint of another version is not guessed at: the one before it is used', async () => {
  const { runs, id, folder } = await newRun();
  await saveEpochs(runs, id, [0.5, 0.6, 0.7]);
  const path = fileOf(folder, 1, 30);
  const bytes = await readFile(path);
  await unlink(path);
  await writeFile(path, bytes.toString('latin1').replace('"version":2', '"version":3'), 'latin1');
  const { writer } = await claimed(runs, id);
  expect((await writer.loadNewest())?.state.step).toBe(20);
  expect(writer.damaged).toEqual([{ step: 30, detail: expect.stringContaining('expected version 2, got 3') }]);
});
