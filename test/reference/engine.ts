import type { NamedArray } from '../../src/contract/arrays.ts';
import type { EngineInfo } from '../../src/contract/engine-info.ts';
import type { OptimizerSpec } from '../../src/contract/optimizer.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { checkInputSize, checkSizes } from '../../src/training/batch-sizes.ts';
import { checkInputs, checkRange } from '../../src/training/data-range.ts';
import type { Batch, Engine, Trainable } from '../../src/training/engine.ts';
import { runModel } from './model.ts';
import { applyGradients, type Slots } from './optimizer.ts';

const INFO: EngineInfo = { name: 'core', variant: 'reference', device: 'none', versions: {} };

/**
 * An engine that is slow and plain: double precision, one row after the other; weights and slots are rounded to float32 after
 * each step, so that checkpoints hold all of it. The oracle for other engines.
 */
export const referenceEngine: Engine = {
  info: INFO,
  infoFor: () => INFO,
  compile: (plan, optimizer) => compile(plan, optimizer),
};

const round = (values: Float64Array): void => values.set(Float32Array.from(values));

function compile(plan: Plan, optimizer: OptimizerSpec): Trainable {
  const weights = plan.weights.map(({ shape }) => new Float64Array(shape.reduce((a, b) => a * b, 1)));
  const owners = [...plan.weights.map(({ name }) => name), optimizer.type];
  const check = (batch: Batch): void => {
    checkSizes(plan, batch);
    checkRange(plan, batch, 'the batch');
  };
  let slots: Slots[] = owners.map(() => new Map());
  return {
    trainBatch(batch, { learningRate, iteration, dropoutMasks }) {
      check(batch);
      const pass = runModel(plan, weights, batch, dropoutMasks);
      applyGradients(optimizer, weights, pass.gradients(), slots, learningRate, iteration);
      for (const values of [...weights, ...slots.flatMap((named) => [...named.values()])]) round(values);
      return { loss: pass.loss, outputs: pass.outputs };
    },
    evaluateBatch(batch) {
      check(batch);
      return runModel(plan, weights, batch, []);
    },
    predict(inputs, rows) {
      checkInputSize(plan, inputs, rows);
      checkInputs(plan, inputs, 'the inputs');
      return runModel(plan, weights, withoutTargets(plan, inputs, rows), []).outputs;
    },
    getWeights: () => plan.weights.map(({ name, shape }, i) => ({ name, shape, data: Float32Array.from(weights[i]!) })),
    setWeights: (named) => {
      for (const [i, { data }] of named.entries()) weights[i]!.set(data);
    },
    getOptimizerState: () => owners.flatMap((owner, i) => [...slots[i]!].map(([name, values]) => toNamed(`${owner}:${name}`, values))),
    setOptimizerState: (state) => {
      slots = owners.map(
        (owner) =>
          new Map(
            state.flatMap(({ name, data }) => {
              const [found, slot] = name.split(':');
              return found === owner && slot !== undefined ? [[slot, Float64Array.from(data)] as const] : [];
            }),
          ),
      );
    },
    dispose: () => undefined,
  };
}

const toNamed = (name: string, values: Float64Array): NamedArray => ({ name, shape: [values.length], data: Float32Array.from(values) });

const withoutTargets = (plan: Plan, inputs: Batch['inputs'], rows: number): Batch => ({
  rows,
  inputs,
  targets: new Float32Array(rows * plan.output.units),
  sampleWeights: null,
});
