import type { LstmWeights, RunLstm } from './lstm-cell.ts';
import type { Ops } from './ops.ts';
import type { Sequence } from './sequence.ts';

const TIMESTEPS = 3;
const ROWS = 2;
const FEATURES = 3;
const UNITS = 2;
/** Between float32 kernels that add in another order; TF32, with its 10 bits, exceeds it. */
const TOLERANCE = 1e-4;

/** Compares two LSTM kernels on a tiny input, outputs and gradients. Gives null when they agree, else what does not. */
export function compareLstms(ops: Ops, candidate: RunLstm, reference: RunLstm): string | null {
  return ops.session.tidy(() => {
    try {
      const expected = probe(ops, reference);
      const found = probe(ops, candidate);
      for (const [name, values] of Object.entries(expected)) {
        const worst = Math.max(...values.map((value, i) => Math.abs(value - (found[name]?.[i] ?? Number.NaN))));
        if (!(worst <= TOLERANCE)) return `${name} is off by ${worst}: expected at most ${TOLERANCE}`;
      }
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
}

function probe(ops: Ops, run: RunLstm): Record<string, Float32Array> {
  const fill = (shape: readonly number[], phase: number) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return ops.session.tensor(
      Float32Array.from({ length: size }, (_, i) => Math.sin(phase + 1.7 * i)),
      shape,
    );
  };
  const weights: LstmWeights = {
    kernel: fill([FEATURES, 4 * UNITS], 1),
    recurrent: fill([UNITS, 4 * UNITS], 2),
    bias: fill([4 * UNITS], 3),
  };
  const x = fill([TIMESTEPS, ROWS, FEATURES], 4);
  const sequence: Sequence = { steps: new Float32Array(), timesteps: TIMESTEPS, rows: ROWS, lengths: null };
  const { output, backward } = run(ops, x, sequence, weights);
  const gradients = backward(fill([TIMESTEPS, ROWS, UNITS], 5));
  const { session } = ops;
  const read = Object.entries(gradients).map(([name, tensor]) => [`gradient by ${name}`, session.read(tensor)] as const);
  return { output: session.read(output), ...Object.fromEntries(read) };
}
