import type { Tensor } from './binding.ts';
import type { LstmWeights, RunLstm } from './lstm-cell.ts';
import type { Ops } from './ops.ts';

/** Dropout masks of one direction, one for each of the gates i, f, c, o. */
interface GateMasks {
  /** [4, B, F]; null when only the state is dropped. */
  readonly input: Tensor | null;
  /** [4, B, H]. */
  readonly recurrent: Tensor;
}

interface Step {
  /** The state before the step times its masks, [4, B, H]. */
  readonly state: Tensor;
  readonly cBefore: Tensor;
  readonly gates: readonly [i: Tensor, f: Tensor, g: Tensor, o: Tensor];
  readonly tanhC: Tensor;
  readonly c: Tensor;
  readonly h: Tensor;
}

const GATES = 4;

/** Recurrent dropout: each gate sees inputs and a state of its own, which no fused op serves. The cell's equations, step by step. */
export const runStepwiseLstm =
  (masks: GateMasks): RunLstm =>
  (ops, x, { timesteps, rows }, weights) => {
    const [, , features = 0] = x.shape;
    const [units = 0] = weights.recurrent.shape;
    const steps = [timesteps, rows];
    const kernel = byGate(ops, weights.kernel);
    const inputMask = masks.input && ops.reshape(masks.input, [GATES, 1, rows, features]);
    const dropped = inputMask ? ops.multiply(ops.reshape(x, [1, ...steps, features]), inputMask) : x;
    const inputs = ops.reshape(dropped, [inputMask ? GATES : 1, timesteps * rows, features]);
    const projected = ops.add(ops.batchMatMul(inputs, kernel), ops.reshape(weights.bias, [GATES, 1, units]));
    const recurrent = byGate(ops, weights.recurrent);
    const run = forward(ops, ops.reshape(projected, [GATES, ...steps, units]), recurrent, masks.recurrent);
    return {
      output: ops.stack(
        run.map(({ h }) => h),
        0,
      ),
      backward: (gradient) => {
        const dz = backThrough(ops, run, gradient, recurrent, masks.recurrent);
        const states = ops.stack(
          run.map(({ state }) => state),
          1,
        );
        const byInputs = ops.reshape(ops.batchMatMul(dz, kernel, { adjointB: true }), [GATES, ...steps, features]);
        return {
          input: ops.sum(inputMask ? ops.multiply(byInputs, inputMask) : byInputs, [0]),
          kernel: sideBySide(ops, ops.batchMatMul(inputs, dz, { adjointA: true })),
          recurrent: sideBySide(ops, ops.batchMatMul(ops.reshape(states, dz.shape), dz, { adjointA: true })),
          bias: ops.reshape(ops.sum(dz, [1]), [GATES * units]),
        };
      },
    };
  };

/** `projected`: x K + b by gate, [4, T, B, H]. */
function forward(ops: Ops, projected: Tensor, recurrent: Tensor, mask: Tensor): Step[] {
  const steps: Step[] = [];
  const zeros = ops.zeros(mask.shape.slice(1));
  for (const z of ops.unstack(projected, 1)) {
    const { h, c: cBefore } = steps.at(-1) ?? { h: zeros, c: zeros };
    const state = ops.multiply(h, mask);
    const sums = ops.unstack(ops.add(z, ops.batchMatMul(state, recurrent)), 0) as [Tensor, Tensor, Tensor, Tensor];
    const [i, f, o] = [sums[0], sums[1], sums[3]].map((sum) => ops.unary('Sigmoid', sum)) as [Tensor, Tensor, Tensor];
    const g = ops.unary('Tanh', sums[2]);
    const c = ops.add(ops.multiply(f, cBefore), ops.multiply(i, g));
    const tanhC = ops.unary('Tanh', c);
    steps.push({ state, cBefore, gates: [i, f, g, o], tanhC, c, h: ops.multiply(o, tanhC) });
  }
  return steps;
}

/** From the gradient by every h, [T, B, H], to that by what goes into the gates at every step, [4, T * B, H]. */
function backThrough(ops: Ops, steps: readonly Step[], gradient: Tensor, recurrent: Tensor, mask: Tensor): Tensor {
  const [, rows = 0, units = 0] = mask.shape;
  const zs: Tensor[] = [];
  let dc = ops.zeros([rows, units]);
  let dh = dc;
  for (const [t, dy] of [...ops.unstack(gradient, 0).entries()].reverse()) {
    const { cBefore, gates, tanhC } = steps[t] as Step;
    const [i, f, g, o] = gates;
    dh = ops.add(dy, dh);
    dc = ops.add(dc, ops.binary('TanhGrad', tanhC, ops.multiply(dh, o)));
    const dz = ops.stack(
      [
        ops.binary('SigmoidGrad', i, ops.multiply(dc, g)),
        ops.binary('SigmoidGrad', f, ops.multiply(dc, cBefore)),
        ops.binary('TanhGrad', g, ops.multiply(dc, i)),
        ops.binary('SigmoidGrad', o, ops.multiply(dh, tanhC)),
      ],
      0,
    );
    dc = ops.multiply(dc, f);
    dh = ops.sum(ops.multiply(ops.batchMatMul(dz, recurrent, { adjointB: true }), mask), [0]);
    zs.unshift(dz);
  }
  return ops.reshape(ops.stack(zs, 1), [GATES, steps.length * rows, units]);
}

/** Keras' weights [n, 4H] as [4, n, H]. */
function byGate(ops: Ops, matrix: Tensor): Tensor {
  const [rows = 0, columns = 0] = matrix.shape;
  return ops.transpose(ops.reshape(matrix, [rows, GATES, columns / GATES]), [1, 0, 2]);
}

/** The reverse of `byGate`. */
function sideBySide(ops: Ops, matrices: Tensor): LstmWeights['kernel'] {
  const [, rows = 0, units = 0] = matrices.shape;
  return ops.reshape(ops.transpose(matrices, [1, 0, 2]), [rows, GATES * units]);
}
