import { describe, expect, it } from 'vitest';
import { DataOutOfRange } from '../../src/contract/errors.ts';
import { optimizerSchema } from '../../src/contract/optimizer.ts';
import type { LossName } from '../../src/contract/spec.ts';
import { loadTensorflow } from '../../src/engines/tensorflow/engine.ts';
import { type Plan, planModel } from '../../src/plan/plan.ts';
import type { Batch, Engine, Trainable } from '../../src/training/engine.ts';
import { referenceEngine } from '../reference/engine.ts';
import { engines } from './core/engines.ts';
import { lstm, numberBatch, ROWS, someWeights, TIMESTEPS, tokenBatch } from './tensorflow/problems.ts';
import { tensorflow } from './tensorflow/tensorflow.ts';

const RMSPROP = optimizerSchema.parse({ type: 'rmsprop', momentum: 0.5 });
const FEATURES = 3;

const overTokens = (loss: LossName, outputs: number): Plan =>
  planModel(
    { embedding: { output_dim: 3, mask_zero: true }, lstm: [lstm(4)], dense: [] },
    { kind: 'tokens', timesteps: TIMESTEPS, vocabulary: 9 },
    outputs,
    loss,
  );
const overNumbers = planModel(
  { embedding: null, lstm: [lstm(4)], dense: [] },
  { kind: 'numeric', timesteps: TIMESTEPS, features: FEATURES },
  2,
  'huber',
);

const labelled = overTokens('binary_crossentropy', 1);
const classed = overTokens('sparse_categorical_crossentropy', 4);
const batchOf = (plan: Plan): Batch => (plan.input.kind === 'tokens' ? tokenBatch() : numberBatch(plan));

/** [plan, the number that does not fit, its index, what is said of it] */
const INPUTS: [Plan, number, number, string][] = [
  [labelled, 9, 0, 'row 0 of DATA, time step 0: token id 9: expected 0 to 8'],
  [labelled, -1, ROWS * TIMESTEPS - 1, 'row 5 of DATA, time step 6: token id -1: expected 0 to 8'],
  [labelled, 2 ** 31 - 1, 2 * TIMESTEPS + 3, 'row 2 of DATA, time step 3: token id 2147483647: expected 0 to 8'],
  [overNumbers, Number.NaN, 0, 'row 0 of DATA, time step 0, feature 0: NaN: expected a finite number'],
  [
    overNumbers,
    Number.POSITIVE_INFINITY,
    ROWS * TIMESTEPS * FEATURES - 1,
    'row 5 of DATA, time step 6, feature 2: Infinity: expected a finite number',
  ],
  [overNumbers, Number.NEGATIVE_INFINITY, 70, 'row 3 of DATA, time step 2, feature 1: -Infinity: expected a finite number'],
];
const TARGETS: [Plan, number, number, string][] = [
  [labelled, 2, 0, 'row 0 of DATA: label 2: expected 0 or 1'],
  [labelled, 0.5, 5, 'row 5 of DATA: label 0.5: expected 0 or 1'],
  [labelled, Number.NaN, 1, 'row 1 of DATA: label NaN: expected 0 or 1'],
  [classed, 4, 3, 'row 3 of DATA: label 4: expected a whole number from 0 to 3'],
  [classed, -1, 0, 'row 0 of DATA: label -1: expected a whole number from 0 to 3'],
  [classed, 1.5, 5, 'row 5 of DATA: label 1.5: expected a whole number from 0 to 3'],
  [classed, Number.NaN, 2, 'row 2 of DATA: label NaN: expected a whole number from 0 to 3'],
  [overNumbers, Number.NaN, 3, 'row 1 of DATA, target 1: target NaN: expected a finite number'],
  [overNumbers, Number.POSITIVE_INFINITY, 0, 'row 0 of DATA, target 0: target Infinity: expected a finite number'],
];

const all: Engine[] = [...engines(), ...(tensorflow ? [loadTensorflow(() => {})] : []), referenceEngine];

describe.each(all)('data out of range: $info.name $info.variant', (engine) => {
  const withModel = (plan: Plan, test: (model: Trainable) => void): void => {
    const model = engine.compile(plan, RMSPROP, ROWS);
    model.setWeights(someWeights(plan));
    test(model);
    model.dispose();
  };
  const step = { learningRate: 0.1, iteration: 0, dropoutMasks: [] };
  const bits = (model: Trainable): unknown => [model.getWeights(), model.getOptimizerState()];

  it.each(INPUTS)('is an input that neither training, evaluation nor prediction takes: %#', (plan, value, index, text) => {
    withModel(plan, (model) => {
      const batch = batchOf(plan);
      model.trainBatch(batch, step);
      const before = bits(model);
      const spoilt = { ...batch, inputs: batch.inputs.slice() };
      spoilt.inputs[index] = value;
      expect(() => model.trainBatch(spoilt, step)).toThrow(new DataOutOfRange(text.replace('DATA', 'the batch')));
      expect(() => model.evaluateBatch(spoilt)).toThrow(new DataOutOfRange(text.replace('DATA', 'the batch')));
      expect(() => model.predict(spoilt.inputs, ROWS)).toThrow(new DataOutOfRange(text.replace('DATA', 'the inputs')));
      expect(bits(model)).toEqual(before);
      const few = { rows: 1, inputs: batch.inputs.subarray(0, batch.inputs.length / ROWS) };
      const targets = batch.targets.subarray(0, batch.targets.length / ROWS);
      expect(model.evaluateBatch({ ...few, targets, sampleWeights: null }).loss).toBeLessThan(10);
    });
  });

  it.each(TARGETS)('is a target that neither training nor evaluation takes: %#', (plan, value, index, text) => {
    withModel(plan, (model) => {
      const batch = batchOf(plan);
      model.trainBatch(batch, step);
      const before = bits(model);
      const spoilt = { ...batch, targets: batch.targets.slice() };
      spoilt.targets[index] = value;
      expect(() => model.trainBatch(spoilt, step)).toThrow(new DataOutOfRange(text.replace('DATA', 'the batch')));
      expect(() => model.evaluateBatch(spoilt)).toThrow(new DataOutOfRange(text.replace('DATA', 'the batch')));
      expect(bits(model)).toEqual(before);
    });
  });

  it('names the row of all that is to be predicted, more than fit at once', () => {
    withModel(overNumbers, (model) => {
      const inputs = new Float32Array(4 * ROWS * TIMESTEPS * FEATURES);
      inputs[3 * ROWS * TIMESTEPS * FEATURES] = Number.NaN;
      expect(() => model.predict(inputs, 4 * ROWS)).toThrow(`row ${3 * ROWS} of the inputs, time step 0, feature 0: NaN`);
    });
  });

  it('refuses arrays of another size or type by a RangeError', () => {
    withModel(labelled, (model) => {
      const batch = tokenBatch();
      expect(() => model.evaluateBatch({ ...batch, inputs: batch.inputs.subarray(1) })).toThrow(RangeError);
      expect(() => model.evaluateBatch({ ...batch, inputs: Float32Array.from(batch.inputs) })).toThrow(RangeError);
      expect(() => model.trainBatch({ ...batch, targets: new Float32Array(ROWS + 1) }, step)).toThrow(RangeError);
      expect(() => model.trainBatch({ ...batch, sampleWeights: new Float32Array(1) }, step)).toThrow(RangeError);
      expect(() => model.predict(batch.inputs, ROWS - 1)).toThrow(RangeError);
    });
  });
});
