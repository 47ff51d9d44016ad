import type { Tensor } from './binding.ts';
import type { LstmWeights, RunLstm } from './lstm-cell.ts';
import type { Ops } from './ops.ts';
import type { Sequence } from './sequence.ts';
import { attribute, FLOAT } from './session.ts';

const COMMON = [
  attribute('T', 'type', FLOAT),
  attribute('rnn_mode', 'string', 'lstm'),
  attribute('input_mode', 'string', 'linear_input'),
  attribute('direction', 'string', 'unidirectional'),
  attribute('dropout', 'float', 0),
  attribute('seed', 'int', 0),
  attribute('seed2', 'int', 0),
  attribute('num_proj', 'int', 0),
  attribute('time_major', 'bool', true),
];
const FORWARD = [...COMMON, attribute('is_training', 'bool', true)];

/**
 * The whole sequence in one cuDNN call, on a GPU; V1 and V2 of the op fail on cuDNN 9.
 * Source: tensorflow/core/kernels/cudnn_rnn_ops.cc
 */
export const runCudnnLstm: RunLstm = (ops, x, sequence, weights) => {
  const { session } = ops;
  const [, , features = 0] = x.shape;
  const [units = 0] = weights.recurrent.shape;
  const state = ops.zeros([1, sequence.rows, units]);
  const inputs = [x, state, state, packWeights(ops, weights), sequenceLengths(ops, sequence)];
  const results = session.run('CudnnRNNV3', FORWARD, inputs, 5);
  const [h, lastH, lastC, reserve, hostReserved] = results as [Tensor, Tensor, Tensor, Tensor, Tensor];
  return {
    output: h,
    backward: (gradient) => {
      const given = [...inputs, h, lastH, lastC, gradient, state, state, reserve, hostReserved];
      const [input, , , packed] = session.run('CudnnRNNBackpropV3', COMMON, given, 4) as [Tensor, Tensor, Tensor, Tensor];
      return { input, ...unpackWeights(ops, packed, features, units) };
    },
  };
};

/** cuDNN takes no row without steps; such a row runs one step of padding, which nobody reads. Int32 stays in host memory. */
function sequenceLengths({ session }: Ops, { lengths, rows, timesteps }: Sequence): Tensor {
  return session.tensor(lengths?.map((length) => Math.max(1, length)) ?? new Int32Array(rows).fill(timesteps), [rows]);
}

/** cuDNN has a bias for the input and one for the state: | kernel^T | recurrent^T | zeros 4H | bias |. Gates i, f, c, o as in Keras. */
export function packWeights(ops: Ops, { kernel, recurrent, bias }: LstmWeights): Tensor {
  const flat = (matrix: Tensor): Tensor => ops.reshape(ops.transpose(matrix, [1, 0]), [-1]);
  return ops.concat([flat(kernel), flat(recurrent), ops.zeros(bias.shape), bias], 0);
}

/** Gradients in the layout that `packWeights` makes. */
export function unpackWeights(ops: Ops, packed: Tensor, features: number, units: number): LstmWeights {
  const gates = 4 * units;
  const matrix = (start: number, rows: number): Tensor =>
    ops.transpose(ops.reshape(ops.slice(packed, [start], [gates * rows]), [gates, rows]), [1, 0]);
  return {
    kernel: matrix(0, features),
    recurrent: matrix(gates * features, units),
    bias: ops.slice(packed, [gates * (features + units + 1)], [gates]),
  };
}
