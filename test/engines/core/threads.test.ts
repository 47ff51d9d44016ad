import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { NamedArray } from '../../../src/contract/arrays.ts';
import { optimizerSchema } from '../../../src/contract/optimizer.ts';
import { coreEngine } from '../../../src/engines/core/engine.ts';
import { dropoutMasks } from '../../../src/training/dropout.ts';
import type { Trainable } from '../../../src/training/engine.ts';
import { makeBatch, start } from './batch.ts';
import { cores } from './engines.ts';
import { PLANS, type PlanCase } from './plans.ts';

const optimizer = optimizerSchema.parse({ type: 'adam', learning_rate: 0.01, global_clipnorm: 0.1 });
const names = cores(1).map(({ kind, instructionSet }, index) => ({ core: `${kind} ${instructionSet}`, index }));
const engineOf = (index: number, threads: number) => coreEngine(cores(threads)[index]!);

function train(trainable: Trainable, { plan, rows }: PlanCase, from: number, to: number): void {
  const masks = dropoutMasks(plan.dropoutSites, 5, rows);
  for (let iteration = from; iteration < to; iteration++) {
    trainable.trainBatch(makeBatch(plan, rows, iteration), { learningRate: 0.01, iteration, dropoutMasks: masks(iteration, rows) });
  }
}

const everything = (trainable: Trainable): NamedArray[] => [...trainable.getWeights(), ...trainable.getOptimizerState()];

describe.each(names)('core $core', ({ index }) => {
  it.each(PLANS)('gives the same bits on any number of threads: $title', (planCase) => {
    const results = [1, 2, 3, 5].map((threads) => {
      const trainable = start(engineOf(index, threads), planCase.plan, optimizer, planCase.rows);
      train(trainable, planCase, 0, 6);
      const result = everything(trainable);
      trainable.dispose();
      return result;
    });
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  });

  it('goes on from saved weights and optimizer state to the same bits', () => {
    const planCase = PLANS[4]!;
    const engine = engineOf(index, 2);
    const whole = start(engine, planCase.plan, optimizer, planCase.rows);
    train(whole, planCase, 0, 3);
    const resumed = engine.compile(planCase.plan, optimizer, planCase.rows);
    resumed.setWeights(whole.getWeights());
    resumed.setOptimizerState(whole.getOptimizerState());
    train(whole, planCase, 3, 6);
    train(resumed, planCase, 3, 6);
    expect(everything(resumed)).toEqual(everything(whole));
    for (const trainable of [whole, resumed]) trainable.dispose();
  });

  it('lets its threads sleep while there is no work', async () => {
    const planCase = PLANS[9]!;
    const trainable = start(engineOf(index, 5), planCase.plan, optimizer, planCase.rows);
    train(trainable, planCase, 0, 3);
    // WebAssembly's helpers start late, on a busy machine very late: threads that never sleep would keep every look busy.
    let busy = Number.POSITIVE_INFINITY;
    for (let look = 0; look < 10 && busy >= 0.5; look++) busy = await coresBusy(400);
    expect(busy, 'cores kept busy').toBeLessThan(0.5);
    trainable.dispose();
  });
});

/** How many processors this process keeps busy while it waits for `ms`. */
async function coresBusy(ms: number): Promise<number> {
  const before = process.cpuUsage();
  const begin = performance.now();
  await setTimeout(ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - begin);
}
