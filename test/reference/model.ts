import type { Plan } from '../../src/plan/plan.ts';
import type { Batch } from '../../src/training/engine.ts';
import { runDense } from './dense.ts';
import { directionsOf, findMasks, lstmOffset, type Weights } from './layout.ts';
import { activate, rowLoss } from './loss.ts';
import { type LstmTape, type LstmWeights, runLstm } from './lstm.ts';

/**
 * The gradient of one weight. That of an embedding is a list of rows, one for each token of the batch, and `indices` says which
 * rows of the weight they belong to: Keras squares each occurrence on its own, so their sum does not say all.
 */
export interface Gradient {
  readonly values: Float64Array;
  readonly indices: ArrayLike<number> | null;
}

export interface Pass {
  readonly loss: number;
  readonly outputs: Float32Array;
  /** The gradient of the loss, in the order of `plan.weights`. */
  gradients(): Gradient[];
}

type Targetless = Pick<Batch, 'rows' | 'inputs'>;

/** Features that the dense layers start from, [rows][size], and the way back from their gradient. */
interface Recurrent {
  readonly features: Float64Array[];
  /** Adds to the gradients of the weights and gives that of the first layer's inputs. */
  backward(featureGradients: readonly Float64Array[], gradients: Weights): Float64Array;
}

/** Forward and backward pass of any plan in double precision. `masks` are those of `plan.dropoutSites`, or none at all. */
export function runModel(plan: Plan, weights: Weights, batch: Batch, masks: readonly Float32Array[]): Pass {
  const { rows, targets, sampleWeights } = batch;
  const { features, backward } = runRecurrent(plan, weights, batch, masks);
  const heads = features.map((feature, row) => runDense(plan, weights, feature, masks, row));
  const width = targets.length / rows;
  const losses = heads.map(({ logits }, row) => {
    const { value, gradient } = rowLoss(plan.loss, logits, Array.from(targets.subarray(row * width, (row + 1) * width)));
    const scale = (sampleWeights?.[row] ?? 1) / rows;
    return { value: value * scale, gradient: gradient.map((g) => g * scale) };
  });
  return {
    loss: losses.reduce((sum, { value }) => sum + value, 0),
    outputs: Float32Array.from(heads.flatMap(({ logits }) => Array.from(activate(plan.output.activation, logits)))),
    gradients() {
      const dense = weights.map((weight) => new Float64Array(weight.length));
      const featureGradients = heads.map((head, row) => head.backward(losses[row]!.gradient, dense));
      const inputGradient = backward(featureGradients, dense);
      const gradients = dense.map((values): Gradient => ({ values, indices: null }));
      return plan.embedding ? [{ values: inputGradient, indices: batch.inputs }, ...gradients.slice(1)] : gradients;
    },
  };
}

function runRecurrent(plan: Plan, weights: Weights, batch: Targetless, masks: readonly Float32Array[]): Recurrent {
  const { rows, inputs } = batch;
  const { embedding, input } = plan;
  const mask = embedding?.maskZero ? Uint8Array.from(inputs, (token) => (token === 0 ? 0 : 1)) : null;
  let sequence: Float64Array = embedding
    ? Float64Array.from({ length: inputs.length * embedding.outputDim }, (_, i) => {
        const token = inputs[Math.floor(i / embedding.outputDim)]!;
        return weights[0]![token * embedding.outputDim + (i % embedding.outputDim)]!;
      })
    : Float64Array.from(inputs);
  const layers = plan.lstm.map((layer, index) => {
    const tapes = directionsOf(layer).map((direction, d) => {
      const first = lstmOffset(plan, index) + 3 * d;
      const [kernel, recurrent, bias] = weights.slice(first, first + 3);
      const call = {
        rows,
        timesteps: input.timesteps,
        inputSize: layer.inputSize,
        units: layer.units,
        reverse: direction === 'backward',
        mask,
        inputDropout: findMasks(plan, masks, 'lstm', index, 'input', direction),
        recurrentDropout: findMasks(plan, masks, 'lstm', index, 'recurrent', direction),
      };
      return { first, tape: runLstm(call, { kernel: kernel!, recurrent: recurrent!, bias: bias! }, sequence) };
    });
    sequence = interleave(
      tapes.map(({ tape }) => tape.outputs),
      layer.units,
    );
    return { layer, tapes };
  });
  return {
    features: Array.from({ length: rows }, (_, row) => lastFeatures(plan, layers.at(-1)!.tapes, row)),
    backward(featureGradients, gradients) {
      let outputGradients = spreadLast(plan, featureGradients);
      let sequenceGradient: Float64Array = new Float64Array(0);
      for (const { layer, tapes } of layers.toReversed()) {
        if (layer.returnSequences) outputGradients = separate(sequenceGradient, layer.units, tapes.length);
        const parts = tapes.map(({ first, tape }, d) => tape.backward(outputGradients[d]!, gradientsAt(gradients, first)));
        sequenceGradient = parts.reduce((sum, part) => sum.map((value, i) => value + part[i]!), new Float64Array(parts[0]!.length));
      }
      return sequenceGradient;
    },
  };
}

const gradientsAt = (gradients: Weights, first: number): LstmWeights => ({
  kernel: gradients[first]!,
  recurrent: gradients[first + 1]!,
  bias: gradients[first + 2]!,
});

/** [.., units] for each direction to [.., directions * units]. */
const interleave = (parts: readonly Float64Array[], units: number): Float64Array =>
  Float64Array.from({ length: parts.length * parts[0]!.length }, (_, i) => {
    const place = Math.floor(i / units);
    return parts[place % parts.length]![Math.floor(place / parts.length) * units + (i % units)]!;
  });

/** The reverse of `interleave`. */
const separate = (joined: Float64Array, units: number, directions: number): Float64Array[] =>
  Array.from({ length: directions }, (_, d) =>
    Float64Array.from(
      { length: joined.length / directions },
      (__, i) => joined[(Math.floor(i / units) * directions + d) * units + (i % units)]!,
    ),
  );

/** What each direction of the last layer says after its last step: at the end of the sequence, or at its start. */
function lastFeatures(plan: Plan, tapes: readonly { tape: LstmTape }[], row: number): Float64Array {
  const { units } = plan.lstm.at(-1)!;
  const { timesteps } = plan.input;
  return Float64Array.from(
    tapes.flatMap(({ tape }, d) => {
      const place = row * timesteps + (d === 0 ? timesteps - 1 : 0);
      return Array.from(tape.outputs.subarray(place * units, (place + 1) * units));
    }),
  );
}

/** The reverse of `lastFeatures`: gradients of the outputs of each direction of the last layer. */
function spreadLast(plan: Plan, featureGradients: readonly Float64Array[]): Float64Array[] {
  const layer = plan.lstm.at(-1)!;
  const { timesteps } = plan.input;
  return directionsOf(layer).map((_, d) => {
    const spread = new Float64Array(featureGradients.length * timesteps * layer.units);
    for (const [row, gradient] of featureGradients.entries()) {
      const place = row * timesteps + (d === 0 ? timesteps - 1 : 0);
      spread.set(gradient.subarray(d * layer.units, (d + 1) * layer.units), place * layer.units);
    }
    return spread;
  });
}
