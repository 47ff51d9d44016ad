import { batchGatherer } from '../../training/batches.ts';
import type { Engine, Trainable } from '../../training/engine.ts';
import type { Recording } from './recording.ts';

/** How far a replay is from what Keras recorded, at worst. */
export interface Deviation {
  readonly maxLossRel: number;
  readonly maxWeightAbs: number;
  /** Null when no prediction was recorded. */
  readonly maxPredictionAbs: number | null;
}

/** Losses nearer to zero than this are compared as if they were it: float32 sums of many terms know no better. */
const SMALLEST_LOSS = 1e-8;

/** Trains as Keras did: same initial weights, same batches, same dropout masks. */
export function replay(engine: Engine, recording: Recording): Deviation {
  const { plan, settings, batches, rows, initial, final, prediction } = recording;
  const maxRows = Math.max(...batches.map(({ length }) => length));
  const trainable = engine.compile(plan, settings.optimizer, maxRows);
  try {
    trainable.setWeights(plan.weights.map(({ name, shape }, index) => ({ name, shape, data: initial[index] ?? new Float32Array() })));
    const losses = train(trainable, recording, maxRows);
    const weights = trainable.getWeights().map(({ data }, index) => worst(data, final[index] ?? []));
    const rowSize = rows.inputs.length / rows.rows;
    return {
      maxLossRel: worst(losses, recording.losses, (loss) => Math.max(Math.abs(loss), SMALLEST_LOSS)),
      maxWeightAbs: Math.max(...weights),
      maxPredictionAbs:
        prediction && worst(trainable.predict(rows.inputs.subarray(0, prediction.rows * rowSize), prediction.rows), prediction.values),
    };
  } finally {
    trainable.dispose();
  }
}

function train(trainable: Trainable, { settings, rows, batches, masks }: Recording, maxRows: number): number[] {
  const gather = batchGatherer(rows, maxRows, settings.class_weight);
  const { learning_rate: learningRate } = settings.optimizer;
  return batches.map((batch, iteration) => {
    const dropoutMasks = masks[iteration] ?? [];
    return trainable.trainBatch(gather(batch, 0), { learningRate, iteration, dropoutMasks }).loss;
  });
}

/** The largest difference, in units of `scale` of the expected value; infinite where either is no number. */
function worst(found: ArrayLike<number>, expected: ArrayLike<number>, scale: (value: number) => number = () => 1): number {
  if (found.length !== expected.length) throw new RangeError(`${found.length} numbers: expected ${expected.length}`);
  let most = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs((found[i] ?? Number.NaN) - (expected[i] ?? Number.NaN)) / scale(expected[i] ?? Number.NaN);
    most = Math.max(most, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return most;
}
