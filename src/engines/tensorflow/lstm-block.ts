import type { Tensor } from './binding.ts';
import type { LstmWeights, RunLstm } from './lstm-cell.ts';
import type { Ops } from './ops.ts';
import { attribute, FLOAT } from './session.ts';

const T = attribute('T', 'type', FLOAT);
const PEEPHOLE = attribute('use_peephole', 'bool', false);
const FORWARD = [T, PEEPHOLE, attribute('cell_clip', 'float', 0)];
const BACKWARD = [T, PEEPHOLE];

interface BlockBackward {
  readonly x: Tensor;
  /** By kernel over recurrent kernel, [F + H, 4H]. */
  readonly w: Tensor;
  readonly bias: Tensor;
}

interface Block {
  /** [T, B, H]. */
  readonly h: Tensor;
  /** [T, B, H]. */
  readonly c: Tensor;
  backward(dc: Tensor, dh: Tensor): BlockBackward;
}

/** Kernel over recurrent kernel, [F + H, 4H]: what the op multiplies with (x, h). */
export const stack = (ops: Ops, { kernel, recurrent }: LstmWeights): Tensor => ops.concat([kernel, recurrent], 0);

/** The two halves of what `stack` made. */
export function unstack(ops: Ops, w: Tensor, features: number): Pick<LstmWeights, 'kernel' | 'recurrent'> {
  const [rows = 0, columns = 0] = w.shape;
  return { kernel: ops.slice(w, [0, 0], [features, columns]), recurrent: ops.slice(w, [features, 0], [rows - features, columns]) };
}

/**
 * BlockLSTMV2 over x [T, B, F] from the state (c0, h0), each [B, H]. Its gates lie in Keras' order.
 * Source: tensorflow/core/kernels/rnn/lstm_ops.cc
 */
export function blockLstm(ops: Ops, x: Tensor, c0: Tensor, h0: Tensor, w: Tensor, bias: Tensor): Block {
  const { session } = ops;
  const units = bias.shape[0] ?? 0;
  const peephole = ops.zeros([units / 4]);
  const inputs = [session.int64(x.shape[0] ?? 0), x, c0, h0, w, peephole, peephole, peephole, bias];
  const results = session.run('BlockLSTMV2', FORWARD, inputs, 7);
  const [, c, , , , , h] = results as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  return {
    h,
    c,
    backward: (dc, dh) => {
      const gradients = session.run('BlockLSTMGradV2', BACKWARD, [...inputs, ...results, dc, dh], 8);
      const [dx, , , dw, , , , dBias] = gradients as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
      return { x: dx, w: dw, bias: dBias };
    },
  };
}

/** The whole sequence in one op. */
export const runBlockLstm: RunLstm = (ops, x, { rows }, weights) => {
  const [, , features = 0] = x.shape;
  const [units = 0] = weights.recurrent.shape;
  const zeros = ops.zeros([rows, units]);
  const { h, c, backward } = blockLstm(ops, x, zeros, zeros, stack(ops, weights), weights.bias);
  return {
    output: h,
    backward: (gradient) => {
      const { x: input, w, bias } = backward(ops.unary('ZerosLike', c), gradient);
      return { input, bias, ...unstack(ops, w, features) };
    },
  };
};
