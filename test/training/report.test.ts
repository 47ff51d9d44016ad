import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/harness/memory-store.ts';
import { train } from '../../src/training/loop.ts';
import type { BatchReport, Report } from '../../src/training/training-run.ts';
import { scriptedEngine } from './scripted-engine.ts';
import { DATA, makeRun, makeSpec } from './small-run.ts';

describe('what is reported', () => {
  it('is each batch with its place, validation batches too, and each epoch after it is saved', async () => {
    const store = new MemoryStore();
    const seen: (Pick<BatchReport, 'epoch' | 'step'> | string)[] = [];
    const report: Report = {
      onBatch: ({ epoch, step }) => void seen.push({ epoch, step }),
      onEpoch: (record) =>
        void seen.push(`epoch ${record.epoch} at step ${record.step}, saved ${store.steps.join()}, ${store.history.length} in history`),
    };
    await train(makeRun(makeSpec({ epochs: 2 }), { store, report, engine: scriptedEngine({}).engine }));
    const batches = (epoch: number) => [1, 2, 3, 3, 3].map((step) => ({ epoch, step }));
    expect(seen).toEqual([
      ...batches(1),
      'epoch 1 at step 3, saved 3, 1 in history',
      ...batches(2),
      'epoch 2 at step 6, saved 3,6, 2 in history',
    ]);
  });

  it('has the mean loss of the epoch so far', async () => {
    const losses: number[] = [];
    const report: Report = { onBatch: ({ loss }) => void losses.push(loss), onEpoch: () => undefined };
    await train(makeRun(makeSpec({ epochs: 1 }), { report, engine: scriptedEngine({ loss: (iteration) => iteration }).engine }));
    expect(losses.slice(0, 3)).toEqual([0, 0.5, (8 + 2 * 6) / 22]);
  });

  it('is waited for, so that an abort can come in between', async () => {
    const controller = new AbortController();
    const { engine, training } = scriptedEngine({});
    setImmediate(() => controller.abort(new Error('stop')));
    const report: Report = { onBatch: () => new Promise((resolve) => setImmediate(resolve)), onEpoch: () => undefined };
    await expect(train(makeRun(makeSpec(), { engine, report, signal: controller.signal }))).rejects.toThrow('stop');
    expect(training.length).toBeLessThan(3);
  });
});

describe('the points of an epoch', () => {
  it.each([
    [22, 22],
    [50, 50],
    [137, 50],
    [1000, 50],
  ])('of %i batches are %i, evenly spread, the last batch among them', async (rows, expected) => {
    const { engine } = scriptedEngine({ loss: (iteration) => iteration + 1 });
    const source = { rows, inputs: new Int32Array(rows * 3), targets: new Float32Array(rows) };
    const run = makeRun(makeSpec({ epochs: 1, batch_size: 1 }), { engine, data: { train: source, validation: DATA.validation } });
    await train(run);
    const steps = run.store.points.map(({ step }) => step);
    expect(steps).toHaveLength(expected);
    expect(steps.at(-1)).toBe(rows);
    expect(run.store.points.every(({ epoch, step, loss }) => epoch === 1 && loss === step)).toBe(true);
    const gaps = steps.map((step, i) => step - (steps[i - 1] ?? 0));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });
});
