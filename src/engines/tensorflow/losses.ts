import type { LossName } from '../../contract/spec.ts';
import type { Activation, DensePlan } from '../../plan/plan.ts';
import type { Batch } from '../../training/engine.ts';
import { DERIVATIVES, OUTPUT_ACTIVATIONS, sigmoid } from './output-activation.ts';

/** Loss of one output and its derivative: for a regression by the prediction, else by the logit. */
type Term = (value: number, target: number) => readonly [loss: number, slope: number];

export interface Judgement {
  readonly loss: number;
  /** Predictions [rows, units]. */
  readonly outputs: Float32Array;
  /** Of the loss, by each logit, [rows, units]. */
  readonly gradient: Float32Array;
}

/** Judges the logits [rows, units] of a batch whose targets are in range. */
export type Judge = (logits: Float32Array, batch: Batch) => Judgement;

/** From the logit, as Keras takes it from the sigmoid before it: stable for logits of any size. */
const binaryCrossentropy: Term = (z, target) => [Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z))), sigmoid(z) - target];

const REGRESSIONS: Partial<Record<LossName, Term>> = {
  mean_squared_error: (y, target) => [(y - target) ** 2, 2 * (y - target)],
  mean_absolute_error: (y, target) => [Math.abs(y - target), Math.sign(y - target)],
  /** Keras' delta of 1. */
  huber: (y, target) => {
    const error = y - target;
    return Math.abs(error) <= 1 ? [0.5 * error * error, error] : [Math.abs(error) - 0.5, Math.sign(error)];
  },
};

/** The loss of a plan's output layer. Throws RangeError for a pair of loss and activation that is not served. */
export function judgeOf(loss: LossName, output: DensePlan): Judge {
  const { units, activation } = output;
  if (loss === 'sparse_categorical_crossentropy' && activation === 'softmax') return judgeClasses(units);
  if (loss === 'binary_crossentropy' && activation === 'sigmoid') return judgeTerms(activation, units, binaryCrossentropy);
  const regression = REGRESSIONS[loss];
  if (regression && activation !== 'softmax') return judgeTerms(activation, units, chain(regression, activation));
  throw new RangeError(`loss ${loss} on an output layer with activation ${activation}: expected sigmoid, softmax or a regression's`);
}

/** A regression's term as a function of the logit. */
function chain(term: Term, activation: Exclude<Activation, 'softmax'>): Term {
  const activate = OUTPUT_ACTIVATIONS[activation];
  const derivative = DERIVATIVES[activation];
  return (z, target) => {
    const y = activate(Float32Array.of(z), 1)[0] ?? Number.NaN;
    const [loss, slope] = term(y, target);
    return [loss, slope * derivative(y)];
  };
}

/** The mean over a row's outputs, weighted, then the mean over rows. */
function judgeTerms(activation: Activation, units: number, term: Term): Judge {
  return (logits, { targets, sampleWeights }) => {
    const gradient = new Float32Array(logits.length);
    let loss = 0;
    for (const [i, z] of logits.entries()) {
      const weight = (sampleWeights?.[Math.floor(i / units)] ?? 1) / logits.length;
      const [value, slope] = term(z, targets[i] ?? Number.NaN);
      loss += weight * value;
      gradient[i] = weight * slope;
    }
    return { loss, outputs: OUTPUT_ACTIVATIONS[activation](logits, units), gradient };
  };
}

function judgeClasses(units: number): Judge {
  return (logits, { rows, targets, sampleWeights }) => {
    const outputs = OUTPUT_ACTIVATIONS.softmax(logits, units);
    const gradient = new Float32Array(logits.length);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const label = targets[row] ?? Number.NaN;
      const weight = (sampleWeights?.[row] ?? 1) / rows;
      const start = row * units;
      loss += weight * (logSumExp(logits.subarray(start, start + units)) - (logits[start + label] ?? Number.NaN));
      for (let k = 0; k < units; k++) gradient[start + k] = weight * ((outputs[start + k] ?? Number.NaN) - (k === label ? 1 : 0));
    }
    return { loss, outputs, gradient };
  };
}

function logSumExp(row: Float32Array): number {
  const largest = row.reduce((a, b) => Math.max(a, b));
  return largest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - largest), 0));
}
