import { elements, type Plan } from '../../plan/plan.ts';
import type { TrainingStep } from '../../training/engine.ts';
import type { Tensor } from './binding.ts';
import { denseLayer, linearLayer } from './dense.ts';
import { embeddingLayer } from './embedding.ts';
import type { Gradient } from './gradient.ts';
import type { Context, Layer } from './layer.ts';
import { lstmLayer } from './lstm.ts';
import type { RunLstm } from './lstm-cell.ts';
import type { NamedTensors } from './named-tensors.ts';
import type { Ops } from './ops.ts';
import { type Sequence, timeMajor, withoutMasked } from './sequence.ts';

type Masks = TrainingStep['dropoutMasks'];

export interface NetworkPass {
  /** [B, output units]. */
  readonly logits: Tensor;
  /** Gradients by all weights, in the plan's order, from the one by the logits. */
  backward(gradient: Tensor): Gradient[];
}

/** Inputs as in a `Batch`; masks as in a `TrainingStep`, or none outside of training. Lives as long as the running `tidy`. */
export type Network = (inputs: Int32Array | Float32Array, rows: number, masks: Masks | null) => NetworkPass;

/** A plan's layers one after the other. */
export function buildNetwork(ops: Ops, plan: Plan, weights: NamedTensors, fused: RunLstm): Network {
  const layers = buildLayers(plan, fused);
  return (inputs, rows, masks) => {
    const sequence = layOut(plan, inputs, rows);
    const context: Context = {
      ops,
      sequence,
      weight: (index) => weights.at(index),
      mask: masks === null ? () => null : maskFinder(ops, plan, rows, masks),
    };
    const passes: ReturnType<Layer>[] = [];
    let tensor = inputTensor(ops, plan, sequence);
    for (const layer of layers) {
      const pass = layer(context, tensor);
      passes.push(pass);
      tensor = pass.output;
    }
    return { logits: tensor, backward: (gradient) => backThrough(passes, gradient) };
  };
}

function backThrough(passes: readonly ReturnType<Layer>[], logits: Tensor): Gradient[] {
  const gradients: Gradient[] = [];
  let gradient: Tensor | null = logits;
  for (const pass of passes.toReversed()) {
    if (gradient === null) throw new Error('a layer behind the first one gave no gradient by its input: expected one');
    const { input, weights }: ReturnType<typeof pass.backward> = pass.backward(gradient);
    gradients.unshift(...weights);
    gradient = input;
  }
  return gradients;
}

function buildLayers({ embedding, lstm, dense }: Plan, fused: RunLstm): Layer[] {
  const layers: Layer[] = [];
  let first = 0;
  const add = (layer: Layer, weights: number): void => {
    layers.push(layer);
    first += weights;
  };
  if (embedding) add(embeddingLayer(embedding, first), 1);
  for (const [index, layer] of lstm.entries()) add(lstmLayer(layer, index, first, fused), layer.bidirectional ? 6 : 3);
  for (const [index, layer] of dense.entries()) add(denseLayer(layer, index, first), 2);
  add(linearLayer(first), 2);
  return layers;
}

function layOut({ input, embedding }: Plan, inputs: Int32Array | Float32Array, rows: number): Sequence {
  const width = input.kind === 'tokens' ? 1 : input.features;
  if (inputs.length !== rows * input.timesteps * width || inputs instanceof Int32Array !== (input.kind === 'tokens')) {
    const expected = input.kind === 'tokens' ? 'int32 token ids' : 'float32 numbers';
    throw new RangeError(`${inputs.length} inputs for ${rows} rows: expected ${rows * input.timesteps * width} ${expected}`);
  }
  if (embedding?.maskZero && inputs instanceof Int32Array) return withoutMasked(inputs, rows, input.timesteps);
  return timeMajor(inputs, rows, input.timesteps, width);
}

const inputTensor = ({ session }: Ops, { input }: Plan, { steps, timesteps, rows }: Sequence): Tensor =>
  session.tensor(steps, input.kind === 'tokens' ? [timesteps, rows] : [timesteps, rows, input.features]);

function maskFinder(ops: Ops, { dropoutSites }: Plan, rows: number, masks: Masks): Context['mask'] {
  const expected = dropoutSites.map(({ width }) => elements([rows, width]));
  if (masks.length !== expected.length || masks.some(({ length }, site) => length !== expected[site])) {
    throw new RangeError(`dropout masks of ${masks.map(({ length }) => length).join(', ')} elements: expected ${expected.join(', ')}`);
  }
  return (wanted) => {
    const found = [...dropoutSites.entries()].filter(
      ([, { layer, index, on, direction }]) =>
        layer === wanted.layer && index === wanted.index && on === wanted.on && direction === wanted.direction,
    );
    const tensors = found.map(([site, { width }]) => ops.session.tensor(masks[site] ?? new Float32Array(), [rows, width]));
    return tensors.length > 1 ? ops.stack(tensors, 0) : (tensors[0] ?? null);
  };
}
