import type { NamedArray, Rows, TrainingData } from '../../src/contract/arrays.ts';
import type { InputShape } from '../../src/contract/data-shape.ts';
import { type Spec, specShape } from '../../src/contract/spec.ts';
import { MemoryStore } from '../../src/harness/memory-store.ts';
import { type Plan, planModel } from '../../src/plan/plan.ts';
import { initialWeights } from '../../src/training/initializers.ts';
import type { Report, TrainingRun } from '../../src/training/training-run.ts';
import { referenceEngine } from '../reference/engine.ts';

const INPUT: InputShape = { kind: 'tokens', timesteps: 3, vocabulary: 100 };
const MODEL = {
  embedding: { output_dim: 2, mask_zero: false },
  lstm: [{ units: 2, dropout: 0.4, recurrent_dropout: 0.2, bidirectional: true }],
  dense: [{ units: 2, dropout: 0.3, activation: 'tanh' as const }],
};

/** Rows whose first token is their number; the label says whether it is odd. */
const makeRows = (rows: number): Rows => ({
  rows,
  inputs: Int32Array.from({ length: rows * 3 }, (_, i) => (i % 3 === 0 ? i / 3 : (7 * i) % 100)),
  targets: Float32Array.from({ length: rows }, (_, row) => row % 2),
});

/** 22 rows in batches of 8: three steps an epoch, the last one with 6 rows; 10 validation rows in two batches. */
export const DATA: TrainingData = { train: makeRows(22), validation: makeRows(10) };

export const planOf = (spec: Spec): Plan => planModel(spec.model, INPUT, 1, spec.training.loss);

export function makeSpec(training: object = {}, callbacks: object = {}): Spec {
  return specShape.parse({
    dataset: { source: 'imdb' },
    model: MODEL,
    training: { epochs: 4, batch_size: 8, optimizer: { type: 'adam', learning_rate: 0.05 }, ...training },
    callbacks: { early_stopping: null, ...callbacks },
  });
}

const SILENT: Report = { onBatch: () => undefined, onEpoch: () => undefined };

/** A run with the reference engine, a fresh store and a signal that never fires, unless told otherwise. */
export function makeRun(spec: Spec, given: Partial<TrainingRun> = {}): TrainingRun & { readonly store: MemoryStore } {
  const plan = planOf(spec);
  const engine = referenceEngine.compile(plan, spec.training.optimizer, spec.training.batch_size);
  const signal = new AbortController().signal;
  const { store = new MemoryStore(), ...rest } = given;
  if (!(store instanceof MemoryStore)) throw new TypeError('expected a MemoryStore');
  const start = (): NamedArray[] => initialWeights(plan, spec.training.seed);
  return { plan, spec, data: DATA, engine, initialWeights: start, signal, report: SILENT, ...rest, store };
}
