import type { NamedArray } from '../../src/contract/arrays.ts';
import type { Batch, Trainable, TrainingStep } from '../../src/training/engine.ts';

interface Script {
  /** The training loss of the batch whose optimizer step is `iteration`. */
  readonly loss?: (iteration: number) => number;
  /** The validation loss after `steps` training steps. */
  readonly validationLoss?: (steps: number) => number;
}

type Recorded = Pick<Batch, 'rows' | 'sampleWeights'> &
  Pick<TrainingStep, 'learningRate' | 'iteration'> & { readonly firstTokens: readonly number[] };

/** An engine that computes nothing: its one weight counts training steps, its losses are told beforehand, its calls are kept. */
export function scriptedEngine({ loss = () => 1, validationLoss = () => 1 }: Script) {
  const training: Recorded[] = [];
  const validation: Batch[] = [];
  let steps = 0;
  const outputs = ({ rows }: Batch): Float32Array => new Float32Array(rows).fill(0.9);
  const engine: Trainable = {
    trainBatch(batch, { learningRate, iteration }) {
      const firstTokens = Array.from({ length: batch.rows }, (_, row) => batch.inputs[(row * batch.inputs.length) / batch.rows]!);
      training.push({ rows: batch.rows, sampleWeights: batch.sampleWeights?.slice() ?? null, learningRate, iteration, firstTokens });
      steps += 1;
      return { loss: loss(iteration), outputs: outputs(batch) };
    },
    evaluateBatch(batch) {
      validation.push(batch);
      return { loss: validationLoss(steps), outputs: outputs(batch) };
    },
    predict: (_, rows) => new Float32Array(rows),
    getWeights: (): NamedArray[] => [{ name: 'steps', shape: [1], data: Float32Array.of(steps) }],
    setWeights: (weights) => {
      steps = weights.find(({ name }) => name === 'steps')?.data[0] ?? 0;
    },
    getOptimizerState: () => [],
    setOptimizerState: () => undefined,
    dispose: () => undefined,
  };
  return { engine, training, validation, stepsInWeights: () => steps };
}
