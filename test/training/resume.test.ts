import { describe, expect, it } from 'vitest';
import type { Spec } from '../../src/contract/spec.ts';
import { MemoryStore } from '../../src/harness/memory-store.ts';
import { HandOver } from '../../src/training/hand-over.ts';
import { type Outcome, train } from '../../src/training/loop.ts';
import type { Report } from '../../src/training/training-run.ts';
import { scriptedEngine } from './scripted-engine.ts';
import { makeRun, makeSpec } from './small-run.ts';

const SPEC = makeSpec(
  { metrics: ['accuracy', 'mean_squared_error'], class_weight: { '1': 2 } },
  {
    early_stopping: { patience: 10 },
    reduce_lr_on_plateau: { monitor: 'loss', patience: 1, min_delta: 0.5, factor: 0.7 },
  },
);

/** All that a run leaves behind: nothing of it may depend on interruptions. */
const results = (outcome: Outcome, run: ReturnType<typeof makeRun>) => ({
  outcome,
  weights: run.engine.getWeights(),
  optimizer: run.engine.getOptimizerState(),
  history: run.store.history,
  points: run.store.points,
  steps: run.store.steps,
});

async function undisturbed(spec: Spec) {
  const run = makeRun(spec);
  return results(await train(run), run);
}

/** Aborts when batch number `batch` of the whole run (from 1, training and validation) has been reported. */
function abortAfter(batch: number, reason: Error): { signal: AbortSignal; report: Report } {
  const controller = new AbortController();
  let reported = 0;
  const onBatch = (): void => {
    reported += 1;
    if (reported === batch) controller.abort(reason);
  };
  return { signal: controller.signal, report: { onBatch, onEpoch: () => undefined } };
}

describe('a run that was interrupted ends as one that was not', () => {
  it.each([
    ['with every checkpoint', { save_best_only: false }],
    ['with the best checkpoint', { save_best_only: true }],
  ])('by a store that fails at its Nth write, for every N, %s', async (_, checkpoint) => {
    const spec = { ...SPEC, callbacks: { ...SPEC.callbacks, checkpoint: { ...SPEC.callbacks.checkpoint, ...checkpoint } } };
    const expected = await undisturbed(spec);
    const writes = 2 * expected.history.length;
    for (let failing = 1; failing <= writes; failing++) {
      const store = failingAt(failing);
      await expect(train(makeRun(spec, { store }))).rejects.toThrow(`write ${failing} fails`);
      const run = makeRun(spec, { store });
      expect(results(await train(run), run), `write ${failing}`).toEqual(expected);
    }
  });

  it('by a hand-over after every batch, in training and in validation', async () => {
    const expected = await undisturbed(SPEC);
    const lastBatch = 20;
    for (let batch = 1; batch < lastBatch; batch++) {
      const store = new MemoryStore();
      await expect(train(makeRun(SPEC, { store, ...abortAfter(batch, new HandOver()) })), `batch ${batch}`).rejects.toThrow(HandOver);
      const run = makeRun(SPEC, { store });
      expect(results(await train(run), run), `batch ${batch}`).toEqual(expected);
    }
  });

  it('by a hand-over after each single batch, one worker after the other', async () => {
    const expected = await undisturbed(SPEC);
    const store = new MemoryStore();
    for (let workers = 0; workers < 100; workers++) {
      const run = makeRun(SPEC, { store, ...abortAfter(1, new HandOver()) });
      const outcome = await train(run).catch((error: unknown) => error);
      if (outcome instanceof HandOver) continue;
      expect(workers, 'twelve batches of training and eight of validation, the last of which needs no further worker').toBe(19);
      expect(results(outcome as Outcome, run)).toEqual(expected);
      return;
    }
    expect.fail('the run never ended');
  });

  it('by an end that saved nothing since the last epoch', async () => {
    const expected = await undisturbed(SPEC);
    const store = new MemoryStore();
    await expect(train(makeRun(SPEC, { store, ...abortAfter(8, new Error('killed')) }))).rejects.toThrow('killed');
    expect(store.steps).toEqual([3]);
    const run = makeRun(SPEC, { store });
    expect(results(await train(run), run)).toEqual(expected);
  });
});

describe('a hand-over', () => {
  it('trains no batch twice', async () => {
    const store = new MemoryStore();
    const first = scriptedEngine({});
    await expect(train(makeRun(SPEC, { store, engine: first.engine, ...abortAfter(7, new HandOver()) }))).rejects.toThrow(HandOver);
    const second = scriptedEngine({});
    await train(makeRun(SPEC, { store, engine: second.engine }));
    expect([...first.training, ...second.training].map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: 12 }, (_, step) => step),
    );
  });

  it('between epochs needs no checkpoint of its own', async () => {
    const { signal, report } = abortAfter(5, new HandOver());
    const run = makeRun(SPEC, { signal, report });
    await expect(train(run)).rejects.toThrow(HandOver);
    expect(run.store.steps).toEqual([3]);
    expect(run.store.history).toHaveLength(1);
  });

  it('in a validation stops within a batch, and neither trains nor evaluates a batch twice', async () => {
    const store = new MemoryStore();
    const first = scriptedEngine({});
    await expect(train(makeRun(SPEC, { store, engine: first.engine, ...abortAfter(4, new HandOver()) }))).rejects.toThrow(HandOver);
    expect([first.training.length, first.validation.length, store.history.length]).toEqual([3, 1, 0]);
    const second = scriptedEngine({});
    await train(makeRun(SPEC, { store, engine: second.engine }));
    expect([second.training.length, second.validation.length, store.history.length]).toEqual([9, 7, 4]);
  });

  it('when the validation is through saves and publishes its epoch', async () => {
    const run = makeRun(SPEC, abortAfter(10, new HandOver()));
    await expect(train(run)).rejects.toThrow(HandOver);
    expect([run.store.steps.at(-1), run.store.history.length]).toEqual([6, 2]);
  });

  it('after the last batch of the last epoch comes too late: the run completes', async () => {
    const { signal, report } = abortAfter(20, new HandOver());
    const run = makeRun(SPEC, { signal, report });
    expect((await train(run)).reason).toBe('completed');
    expect(run.store.history).toHaveLength(4);
  });

  it('before the first batch leaves nothing behind', async () => {
    const run = makeRun(SPEC, { signal: AbortSignal.abort(new HandOver()) });
    await expect(train(run)).rejects.toThrow(HandOver);
    expect(run.store.steps).toEqual([]);
  });

  it('carries sums that are no numbers over', async () => {
    const spec = makeSpec({}, { terminate_on_nan: false });
    const loss = (iteration: number): number => (iteration === 3 ? Number.NaN : 1);
    const store = new MemoryStore();
    const { engine } = scriptedEngine({ loss });
    await expect(train(makeRun(spec, { store, engine, ...abortAfter(7, new HandOver()) }))).rejects.toThrow(HandOver);
    await train(makeRun(spec, { store, engine: scriptedEngine({ loss }).engine }));
    expect(store.history.map(({ logs }) => logs.loss)).toEqual([1, null, 1, 1]);
  });
});

describe('any other reason', () => {
  it.each([1, 2, 4, 5, 6, 8])('is thrown as it is within one batch, without a checkpoint (batch %i)', async (batch) => {
    const reason = new Error('cancelled');
    const engine = scriptedEngine({});
    const { signal, report } = abortAfter(batch, reason);
    const run = makeRun(SPEC, { engine: engine.engine, signal, report });
    await expect(train(run)).rejects.toBe(reason);
    expect(engine.training.length + engine.validation.length).toBe(batch);
    expect(run.store.steps).toEqual(batch < 5 ? [] : [3]);
  });
});

describe('a finished run', () => {
  it.each([
    ['completed', makeSpec({}, { early_stopping: { patience: 10 } })],
    ['early_stopped', makeSpec({}, { early_stopping: { patience: 0, min_delta: 10 } })],
  ])('that is started again trains nothing and ends the same: %s', async (reason, spec) => {
    const store = new MemoryStore();
    const first = makeRun(spec, { store });
    const expected = results(await train(first), first);
    const { engine, training } = scriptedEngine({});
    const outcome = await train(makeRun(spec, { store, engine }));
    expect(training).toEqual([]);
    expect(outcome).toEqual(expected.outcome);
    expect(outcome.reason).toBe(reason);
    const again = makeRun(spec, { store });
    await train(again);
    expect(again.engine.getWeights()).toEqual(expected.weights);
  });
});

/** A store whose write number `failing` throws, and writes nothing. */
function failingAt(failing: number): MemoryStore {
  const store = new MemoryStore();
  const { save, appendHistory } = store;
  let written = 0;
  const count = (): void => {
    written += 1;
    if (written === failing) throw new Error(`write ${failing} fails`);
  };
  store.save = async (...given) => {
    count();
    return save.apply(store, given);
  };
  store.appendHistory = async (...given) => {
    count();
    return appendHistory.apply(store, given);
  };
  return store;
}
