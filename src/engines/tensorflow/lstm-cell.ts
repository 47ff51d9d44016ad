import type { Tensor } from './binding.ts';
import type { Ops } from './ops.ts';
import type { Sequence } from './sequence.ts';

/** Keras' weights of one direction of one layer; gates lie in the order i, f, c, o. */
export interface LstmWeights {
  /** [F, 4H]. */
  readonly kernel: Tensor;
  /** [H, 4H]. */
  readonly recurrent: Tensor;
  /** [4H]. */
  readonly bias: Tensor;
}

export interface LstmRun {
  /** h of every step, [T, B, H]. */
  readonly output: Tensor;
  /** From the gradient by every h, [T, B, H]. */
  backward(gradient: Tensor): LstmWeights & { readonly input: Tensor };
}

/**
 * Runs an LSTM over x [T, B, F] from a state of zeros; three ops serve it, all with the same arithmetic. Steps after a
 * row's length may hold anything finite: the caller neither reads their outputs nor gives them a gradient.
 */
export type RunLstm = (ops: Ops, x: Tensor, sequence: Sequence, weights: LstmWeights) => LstmRun;
