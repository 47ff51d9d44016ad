import { describe, expect, it } from 'vitest';
import type { NamedArray } from '../../src/contract/arrays.ts';
import { loadEngine } from '../../src/engines/select.ts';
import { MemoryStore } from '../../src/harness/memory-store.ts';
import type { Engine } from '../../src/training/engine.ts';
import { HandOver } from '../../src/training/hand-over.ts';
import { train } from '../../src/training/loop.ts';
import { makeRun, makeSpec, planOf } from '../training/small-run.ts';
import { engineNames } from './names.ts';
import { largestDifference } from './tensorflow/problems.ts';

/** Every option that gives an optimizer one more array to remember. */
const OPTIMIZERS = [
  { type: 'rmsprop', momentum: 0.5, centered: true },
  { type: 'adam', amsgrad: true },
  { type: 'adamw' },
  { type: 'nadam' },
  { type: 'sgd', momentum: 0.9, nesterov: true },
  { type: 'adagrad' },
];
/** The second batch of the second epoch: of each epoch, three are for training and two for validation. */
const HANDED_OVER_AT = 7;
const CLOSE = 1e-4;

const variants = engineNames('going on with another engine');
const pairs = variants.flatMap((from) => variants.filter((to) => to !== from).map((to) => ({ from, to })));

// Without a pair the suite still has a test to skip: vitest takes an empty file for a mistake.
const cases = pairs.length > 0 ? pairs : [{ from: 'core-wasm', to: 'another engine' }];

describe.skipIf(pairs.length === 0).each(cases)('a run that $from hands over in mid-epoch', ({ from, to }) => {
  it.each(OPTIMIZERS)(`goes on with ${to} as if nothing had happened: $type`, async (optimizer) => {
    const spec = makeSpec({ optimizer: { learning_rate: 0.01, ...optimizer } });
    const [first, second] = [await loadEngine(from), await loadEngine(to)];
    const undisturbed = await finish(spec, first, new MemoryStore());
    const store = await handedOver(spec, first);
    expect(arraysOf(second, spec)).toEqual(shapesOf(store));
    const forgetful = await handedOver(spec, first);
    for (const arrays of forgetful.arrays.values()) for (const { data } of arrays.optimizer) data.fill(0);

    const resumed = await finish(spec, second, store);
    expect(resumed.history.map(({ epoch, step }) => [epoch, step])).toEqual([3, 6, 9, 12].map((step, i) => [i + 1, step]));
    expect(largestDifference(resumed.weights, undisturbed.weights)).toBeLessThan(CLOSE);
    for (const [i, { logs }] of resumed.history.entries())
      expect(logs['val_loss']).toBeCloseTo(undisturbed.history[i]?.logs['val_loss'] ?? NaN, 4);
    const { weights } = await finish(spec, second, forgetful);
    expect(largestDifference(weights, undisturbed.weights), 'without the memory of the optimizer').toBeGreaterThan(CLOSE);
  });
});

type SmallSpec = ReturnType<typeof makeSpec>;
type Arrays = { weights: NamedArray[]; optimizer: NamedArray[] };

const compile = (engine: Engine, spec: SmallSpec) => engine.compile(planOf(spec), spec.training.optimizer, spec.training.batch_size);

/** Trains to the end, from where the store left off. */
async function finish(spec: SmallSpec, engine: Engine, store: MemoryStore) {
  const trainable = compile(engine, spec);
  await train(makeRun(spec, { engine: trainable, store }));
  const weights = trainable.getWeights();
  trainable.dispose();
  return { weights, history: store.history };
}

async function handedOver(spec: SmallSpec, engine: Engine): Promise<MemoryStore> {
  const store = new MemoryStore();
  const controller = new AbortController();
  const trainable = compile(engine, spec);
  let batches = 0;
  const onBatch = (): void => {
    if (++batches === HANDED_OVER_AT) controller.abort(new HandOver());
  };
  const run = makeRun(spec, { engine: trainable, store, signal: controller.signal, report: { onBatch, onEpoch: () => undefined } });
  await expect(train(run)).rejects.toThrow(HandOver);
  trainable.dispose();
  expect(store.steps).toContain(5);
  return store;
}

/** Names and shapes of all that an engine keeps of a run. */
function arraysOf(engine: Engine, spec: SmallSpec) {
  const trainable = compile(engine, spec);
  const names = describeArrays({ weights: trainable.getWeights(), optimizer: trainable.getOptimizerState() });
  trainable.dispose();
  return names;
}

const shapesOf = (store: MemoryStore) => describeArrays(store.arrays.get(5) as Arrays);

const describeArrays = ({ weights, optimizer }: Arrays) => [...weights, ...optimizer].map(({ name, shape }) => ({ name, shape }));
