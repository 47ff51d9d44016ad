import type { Tensor } from './binding.ts';
import { blockLstm, stack, unstack } from './lstm-block.ts';
import type { LstmWeights, RunLstm } from './lstm-cell.ts';
import type { Ops } from './ops.ts';

type Steps = ReturnType<typeof blockLstm>[];

/**
 * One op a step, for what no fused op serves: h is multiplied with `mask` [B, H] on its way into the next step
 * (recurrent dropout; the same mask at every step and for every gate).
 */
export const runStepwiseLstm =
  (mask: Tensor): RunLstm =>
  (ops, x, _, weights) => {
    const steps = runSteps(ops, x, weights, mask);
    return {
      output: joinSteps(
        ops,
        steps.map(({ h }) => h),
      ),
      backward: (gradient) => backThroughSteps(ops, steps, gradient, mask, x.shape[2] ?? 0),
    };
  };

function runSteps(ops: Ops, x: Tensor, weights: LstmWeights, mask: Tensor): Steps {
  const w = stack(ops, weights);
  const zeros = ops.zeros(mask.shape);
  const steps: Steps = [];
  for (let t = 0; t < (x.shape[0] ?? 0); t++) {
    const before = steps.at(-1);
    const c = before ? ops.reshape(before.c, mask.shape) : zeros;
    const h = before ? ops.multiply(ops.reshape(before.h, mask.shape), mask) : zeros;
    steps.push(blockLstm(ops, stepOf(ops, x, t), c, h, w, weights.bias));
  }
  return steps;
}

function backThroughSteps(ops: Ops, steps: Steps, gradient: Tensor, mask: Tensor, features: number) {
  const asStep = (state: Tensor): Tensor => ops.reshape(state, [1, ...mask.shape]);
  const inputs: Tensor[] = [];
  const kernels: Tensor[] = [];
  const biases: Tensor[] = [];
  let dc = ops.zeros([1, ...mask.shape]);
  let dh = dc;
  for (const [t, step] of [...steps.entries()].reverse()) {
    const before = step.backward(dc, ops.add(stepOf(ops, gradient, t), dh));
    dc = asStep(before.c0);
    dh = asStep(ops.multiply(before.h0, mask));
    inputs.unshift(before.x);
    kernels.push(before.w);
    biases.push(before.bias);
  }
  return { input: joinSteps(ops, inputs), bias: ops.addAll(biases), ...unstack(ops, ops.addAll(kernels), features) };
}

/** Step t of a [T, B, n], as [1, B, n]. */
function stepOf(ops: Ops, x: Tensor, t: number): Tensor {
  const [, rows = 0, width = 0] = x.shape;
  return ops.slice(x, [t, 0, 0], [1, rows, width]);
}

/** TensorFlow's concat takes no single part. */
function joinSteps(ops: Ops, steps: readonly Tensor[]): Tensor {
  const [only, ...others] = steps;
  return only !== undefined && others.length === 0 ? only : ops.concat(steps, 0);
}
