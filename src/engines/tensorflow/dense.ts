import type { Activation, DensePlan } from '../../plan/plan.ts';
import type { Tensor } from './binding.ts';
import { dense } from './gradient.ts';
import { drop, type Layer } from './layer.ts';
import type { Ops } from './ops.ts';

type Elementwise = Exclude<Activation, 'softmax'>;

/** y = f(x), and dx from dy and y. */
const ACTIVATIONS: Readonly<
  Record<Elementwise, { apply(ops: Ops, x: Tensor): Tensor; backward(ops: Ops, gradient: Tensor, y: Tensor): Tensor }>
> = {
  linear: { apply: (_, x) => x, backward: (_, gradient) => gradient },
  relu: { apply: (ops, x) => ops.unary('Relu', x), backward: (ops, gradient, y) => ops.binary('ReluGrad', gradient, y) },
  sigmoid: { apply: (ops, x) => ops.unary('Sigmoid', x), backward: (ops, gradient, y) => ops.binary('SigmoidGrad', y, gradient) },
  tanh: { apply: (ops, x) => ops.unary('Tanh', x), backward: (ops, gradient, y) => ops.binary('TanhGrad', y, gradient) },
};

/** A hidden layer [B, n] to [B, units], with dropout on its output; `index` is its place in `Plan.dense`. */
export function denseLayer({ activation }: DensePlan, index: number, first: number): Layer {
  if (activation === 'softmax') throw new RangeError(`hidden dense layer ${index} has activation softmax: expected an elementwise one`);
  const { apply, backward } = ACTIVATIONS[activation];
  const linear = linearLayer(first);
  return (context, x) => {
    const { ops, mask } = context;
    const affine = linear(context, x);
    const y = apply(ops, affine.output);
    const dropped = drop(ops, y, mask({ layer: 'dense', index, on: 'output', direction: 'forward' }));
    return {
      output: dropped.output,
      backward: (gradient) => affine.backward(backward(ops, dropped.backward(gradient), y)),
    };
  };
}

/** x W + b. Also the output layer: what follows its logits belongs to the loss. */
export function linearLayer(first: number): Layer {
  return ({ ops, weight }, x) => ({
    output: ops.biasAdd(ops.matMul(x, weight(first)), weight(first + 1)),
    backward: (gradient) => ({
      input: ops.matMul(gradient, weight(first), { transposeB: true }),
      weights: [dense(ops.matMul(x, gradient, { transposeA: true })), dense(ops.sum(gradient, [0]))],
    }),
  });
}
