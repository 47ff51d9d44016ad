import { z } from 'zod';
import type { Rows } from '../../contract/arrays.ts';
import { optimizerSchema } from '../../contract/optimizer.ts';
import { trainingFlops } from '../../plan/cost.ts';
import { type Plan, planModel } from '../../plan/plan.ts';
import { batchGatherer } from '../../training/batches.ts';
import type { Engine, Trainable } from '../../training/engine.ts';
import { initialWeights } from '../../training/initializers.ts';
import { epochOrder } from '../../training/order.ts';
import { randomWords } from '../../training/random.ts';

/** One entry of bench/models.json: token ids [batch, T] to an embedding, LSTM layers and one sigmoid. */
export const benchModelSchema = z.strictObject({
  name: z.string(),
  vocab: z.int().min(1),
  T: z.int().min(1),
  embedding: z.int().min(1),
  lstm: z.array(z.int().min(1)).min(1),
  batch: z.int().min(1),
  /** Training steps of one pass. */
  steps: z.int().min(1),
});

export type BenchModel = z.infer<typeof benchModelSchema>;

/** Milliseconds a training step. */
export interface Timing {
  readonly best: number;
  readonly median: number;
}

/** Passes that are timed, after one that is not. */
const PASSES = 5;
const SEED = 1;

/** Times passes over random rows as the training loop makes them: shuffled, and each batch gathered. */
export function timeModel(engine: Engine, model: BenchModel): Timing {
  const plan = benchPlan(model);
  const trainable = engine.compile(plan, optimizerSchema.parse({ type: 'rmsprop' }), model.batch);
  try {
    trainable.setWeights(initialWeights(plan, SEED));
    const rows = randomRows(model);
    const passes = Array.from({ length: 1 + PASSES }, (_, epoch) => timePass(trainable, model, rows, epoch));
    const times = passes.slice(1).toSorted((a, b) => a - b);
    return { best: times[0] ?? Number.NaN, median: times[Math.floor(PASSES / 2)] ?? Number.NaN };
  } finally {
    trainable.dispose();
  }
}

/** Floating point operations of the matrix products of one training step. */
export const stepFlops = (model: BenchModel): number => trainingFlops(benchPlan(model), model.batch);

function timePass(trainable: Trainable, { batch, steps }: BenchModel, rows: Rows, epoch: number): number {
  const gather = batchGatherer(rows, batch, null);
  const start = performance.now();
  const order = epochOrder(SEED, epoch, rows.rows);
  for (let step = 0; step < steps; step++) {
    trainable.trainBatch(gather(order, step), { learningRate: 1e-4, iteration: epoch * steps + step, dropoutMasks: [] });
  }
  return (performance.now() - start) / steps;
}

export function benchPlan({ vocab, T, embedding, lstm }: BenchModel): Plan {
  const layers = lstm.map((units) => ({ units, dropout: 0, recurrent_dropout: 0, bidirectional: false }));
  const description = { embedding: { output_dim: embedding, mask_zero: false }, lstm: layers, dense: [] };
  return planModel(description, { kind: 'tokens', timesteps: T, vocabulary: vocab }, 1, 'binary_crossentropy');
}

function randomRows({ vocab, T, batch, steps }: BenchModel): Rows {
  const rows = batch * steps;
  const words = randomWords(SEED, 'bench');
  return {
    rows,
    inputs: Int32Array.from({ length: rows * T }, () => words() % vocab),
    targets: Float32Array.from({ length: rows }, () => words() % 2),
  };
}
