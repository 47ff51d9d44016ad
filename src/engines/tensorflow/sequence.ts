import type { Tensor } from './binding.ts';
import type { Ops } from './ops.ts';

/** Rows laid out for recurrent layers: time first, and each row's steps at the front. */
export interface Sequence {
  /** Token ids [T, B] as int32, or numbers [T, B, F]. */
  readonly steps: Int32Array | Float32Array;
  readonly timesteps: number;
  readonly rows: number;
  /** Steps of each row, [B], when some are masked; the others are padding at the end. */
  readonly lengths: Int32Array | null;
}

/** [B, T, width] to [T, B, width]. */
export function timeMajor(inputs: Int32Array | Float32Array, rows: number, timesteps: number, width: number): Sequence {
  const steps = inputs instanceof Int32Array ? new Int32Array(inputs.length) : new Float32Array(inputs.length);
  let from = 0;
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < timesteps; t++) {
      const to = (t * rows + row) * width;
      for (let k = 0; k < width; k++) steps[to + k] = inputs[from++] ?? 0;
    }
  }
  return { steps, timesteps, rows, lengths: null };
}

/**
 * Token ids [B, T] to [T', B] without the masked ones (id 0), where T' is the longest row's length. A masked step carries
 * the LSTM's state over, in both directions and in every layer above, so leaving it out is the same computation:
 *
 *   [0 5 0 7]      [5 7]          [5 6]
 *   [0 0 6 0]  ->  [6 0]  ->  T'  [7 0]   lengths [2 1]
 */
export function withoutMasked(tokens: Int32Array, rows: number, timesteps: number): Sequence {
  const lengths = new Int32Array(rows);
  for (let i = 0; i < tokens.length; i++) {
    const row = Math.floor(i / timesteps);
    if (tokens[i] !== 0) lengths[row] = (lengths[row] ?? 0) + 1;
  }
  const longest = Math.max(1, ...lengths);
  const steps = new Int32Array(longest * rows);
  for (let row = 0; row < rows; row++) {
    let t = 0;
    for (const token of tokens.subarray(row * timesteps, (row + 1) * timesteps)) {
      if (token !== 0) steps[t++ * rows + row] = token;
    }
  }
  return { steps, timesteps: longest, rows, lengths };
}

/** Each row's last step of h [T, B, H] as [B, H]: zeros for a row without steps. `spread` is the way back. */
export function lastStep(ops: Ops, h: Tensor, { timesteps, rows, lengths }: Sequence) {
  const units = h.shape[2] ?? 0;
  const only = [1, rows, units];
  if (lengths === null) {
    return {
      output: ops.reshape(ops.slice(h, [timesteps - 1, 0, 0], only), [rows, units]),
      spread: (gradient: Tensor): Tensor =>
        ops.pad(ops.reshape(gradient, only), [
          [timesteps - 1, 0],
          [0, 0],
          [0, 0],
        ]),
    };
  }
  const isLast = ops.session.tensor(lastStepMask(lengths, timesteps), [timesteps, rows, 1]);
  return {
    output: ops.sum(ops.multiply(h, isLast), [0]),
    spread: (gradient: Tensor): Tensor => ops.multiply(ops.reshape(gradient, only), isLast),
  };
}

function lastStepMask(lengths: Int32Array, timesteps: number): Float32Array {
  const mask = new Float32Array(timesteps * lengths.length);
  for (const [row, length] of lengths.entries()) {
    if (length > 0) mask[(length - 1) * lengths.length + row] = 1;
  }
  return mask;
}

/** x [T, B, F] with each row's own steps in reverse order; its own inverse. */
export function reversed(ops: Ops, x: Tensor, { lengths, rows }: Sequence): Tensor {
  return lengths === null ? ops.reverse(x, 0) : ops.reverseSequence(x, ops.session.tensor(lengths, [rows]));
}
