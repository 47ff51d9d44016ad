/*
 * One direction of one LSTM layer in double precision, row by row, written to be read. Gates lie in Keras' order i, f, c, o.
 * A masked step leaves the state as it was; what it puts out does not matter, since later layers skip the same step.
 */

export interface LstmWeights {
  /** [inputs, 4 * units] */
  readonly kernel: Float64Array;
  /** [units, 4 * units] */
  readonly recurrent: Float64Array;
  /** [4 * units] */
  readonly bias: Float64Array;
}

export interface LstmCall {
  readonly rows: number;
  readonly timesteps: number;
  readonly inputSize: number;
  readonly units: number;
  readonly reverse: boolean;
  /** Whether step t of a row counts; [rows, timesteps]. */
  readonly mask: Uint8Array | null;
  /** Dropout masks [rows, inputSize] and [rows, units]: one for each gate, one for all, or none. */
  readonly inputDropout: readonly Float32Array[];
  readonly recurrentDropout: readonly Float32Array[];
}

export interface LstmTape {
  /** State h after each step, at its place in the sequence: [rows, timesteps, units]. */
  readonly outputs: Float64Array;
  /** Takes the gradient of `outputs`, adds to those of the weights, and gives that of the inputs. */
  backward(outputGradient: Float64Array, weightGradients: LstmWeights): Float64Array;
}

interface Step {
  readonly t: number;
  /** Inputs and state before the step as each gate sees them. */
  readonly x: readonly Float64Array[];
  readonly h: readonly Float64Array[];
  readonly c: Float64Array;
  readonly gates: { readonly i: Float64Array; readonly f: Float64Array; readonly g: Float64Array; readonly o: Float64Array };
  readonly tanhC: Float64Array;
}

export function runLstm(call: LstmCall, weights: LstmWeights, inputs: Float64Array): LstmTape {
  const { rows, timesteps, units } = call;
  const outputs = new Float64Array(rows * timesteps * units);
  const tapes = Array.from({ length: rows }, (_, row) => forwardRow(call, weights, inputs, outputs, row));
  return {
    outputs,
    backward(outputGradient, gradients) {
      const inputGradient = new Float64Array(inputs.length);
      for (const [row, steps] of tapes.entries()) backwardRow(call, weights, gradients, steps, outputGradient, inputGradient, row);
      return inputGradient;
    },
  };
}

function forwardRow(call: LstmCall, weights: LstmWeights, inputs: Float64Array, outputs: Float64Array, row: number): (Step | number)[] {
  const { timesteps, inputSize, units, reverse, mask } = call;
  let h = new Float64Array(units);
  let c = new Float64Array(units);
  return Array.from({ length: timesteps }, (_, s) => {
    const t = reverse ? timesteps - 1 - s : s;
    const place = row * timesteps + t;
    if (mask && !mask[place]) {
      outputs.set(h, place * units);
      return t;
    }
    const whole = inputs.subarray(place * inputSize, (place + 1) * inputSize);
    const x = byGate(whole, call.inputDropout, row);
    const dropped = byGate(h, call.recurrentDropout, row);
    const z = Float64Array.from(weights.bias);
    addGateProducts(z, x, weights.kernel);
    addGateProducts(z, dropped, weights.recurrent);
    const gate = (index: number, f: (v: number) => number): Float64Array => z.subarray(index * units, (index + 1) * units).map(f);
    const gates = { i: gate(0, sigmoid), f: gate(1, sigmoid), g: gate(2, Math.tanh), o: gate(3, sigmoid) };
    const before = c;
    c = before.map((value, u) => gates.f[u]! * value + gates.i[u]! * gates.g[u]!);
    const tanhC = c.map(Math.tanh);
    h = tanhC.map((value, u) => gates.o[u]! * value);
    outputs.set(h, place * units);
    return { t, x, h: dropped, c: before, gates, tanhC };
  });
}

function backwardRow(
  call: LstmCall,
  weights: LstmWeights,
  gradients: LstmWeights,
  steps: readonly (Step | number)[],
  outputGradient: Float64Array,
  inputGradient: Float64Array,
  row: number,
): void {
  const { timesteps, inputSize, units } = call;
  let dh = new Float64Array(units);
  let dc = new Float64Array(units);
  for (const step of steps.toReversed()) {
    const t = typeof step === 'number' ? step : step.t;
    const place = row * timesteps + t;
    dh = dh.map((value, u) => value + outputGradient[place * units + u]!);
    if (typeof step === 'number') continue;
    const { x, h, c, gates, tanhC } = step;
    const dz = new Float64Array(4 * units);
    dc = dc.map((value, u) => value + dh[u]! * gates.o[u]! * (1 - tanhC[u]! ** 2));
    for (let u = 0; u < units; u++) {
      const [i, f, g, o] = [gates.i[u]!, gates.f[u]!, gates.g[u]!, gates.o[u]!];
      dz[u] = dc[u]! * g * i * (1 - i);
      dz[units + u] = dc[u]! * c[u]! * f * (1 - f);
      dz[2 * units + u] = dc[u]! * i * (1 - g * g);
      dz[3 * units + u] = dh[u]! * tanhC[u]! * o * (1 - o);
    }
    addGateOuters(gradients.kernel, x, dz);
    addGateOuters(gradients.recurrent, h, dz);
    for (let j = 0; j < dz.length; j++) gradients.bias[j]! += dz[j]!;
    inputGradient.set(gatesTransposed(weights.kernel, dz, inputSize, call.inputDropout, row), place * inputSize);
    dh = gatesTransposed(weights.recurrent, dz, units, call.recurrentDropout, row);
    dc = dc.map((value, u) => value * gates.f[u]!);
  }
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** A vector as each gate (i, f, c, o) sees it: once where all see the same. */
const byGate = (vector: Float64Array, masks: readonly Float32Array[], row: number): Float64Array[] =>
  masks.length === 0 ? [vector] : masks.map((mask) => times(vector, mask, row));

/** body(gate, row i, first column of the gate, column behind it) for all rows of a matrix [rows, 4 * units]. */
function eachGate(rows: number, columns: number, body: (gate: number, i: number, from: number, to: number) => void): void {
  const units = columns / 4;
  for (let gate = 0; gate < 4; gate++) for (let i = 0; i < rows; i++) body(gate, i, gate * units, (gate + 1) * units);
}

const of = <T>(gates: readonly T[], gate: number): T => gates[gates.length === 1 ? 0 : gate]!;

/** target [4 * units] += for each gate, its vector [n] * its columns of matrix [n, 4 * units] */
function addGateProducts(target: Float64Array, vectors: readonly Float64Array[], matrix: Float64Array): void {
  const columns = target.length;
  eachGate(vectors[0]!.length, columns, (gate, i, from, to) => {
    const value = of(vectors, gate)[i]!;
    for (let j = from; j < to; j++) target[j]! += value * matrix[i * columns + j]!;
  });
}

/** matrix [n, 4 * units] += for each gate, its left [n] * its part of right [4 * units]^T */
function addGateOuters(matrix: Float64Array, lefts: readonly Float64Array[], right: Float64Array): void {
  const columns = right.length;
  eachGate(lefts[0]!.length, columns, (gate, i, from, to) => {
    const value = of(lefts, gate)[i]!;
    for (let j = from; j < to; j++) matrix[i * columns + j]! += value * right[j]!;
  });
}

/** The sum over the gates of (their columns of matrix [rows, 4 * units] * their part of dz), times their masks. */
function gatesTransposed(matrix: Float64Array, dz: Float64Array, rows: number, masks: readonly Float32Array[], row: number) {
  const columns = dz.length;
  const total = new Float64Array(rows);
  eachGate(rows, columns, (gate, i, from, to) => {
    let sum = 0;
    for (let j = from; j < to; j++) sum += matrix[i * columns + j]! * dz[j]!;
    total[i]! += sum * (masks.length === 0 ? 1 : of(masks, gate)[row * rows + i]!);
  });
  return total;
}

/** A vector times its row of a mask [rows, length]; without one it stays as it is. */
export const times = (vector: Float64Array, mask: Float32Array | undefined, row: number): Float64Array<ArrayBuffer> =>
  Float64Array.from(vector, (value, i) => value * (mask ? mask[row * vector.length + i]! : 1));

/** target [m] += vector [n] * matrix [n, m] */
export function addProduct(target: Float64Array, vector: Float64Array, matrix: Float64Array): void {
  const columns = target.length;
  for (let i = 0; i < vector.length; i++) {
    for (let j = 0; j < columns; j++) target[j]! += vector[i]! * matrix[i * columns + j]!;
  }
}

/** matrix [rows, m] * vector [m] */
export function productTransposed(matrix: Float64Array, vector: Float64Array, rows: number): Float64Array {
  const columns = vector.length;
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += matrix[i * columns + j]! * vector[j]!;
    return sum;
  });
}

/** matrix [n, m] += left [n] * right [m]^T */
export function addOuter(matrix: Float64Array, left: Float64Array, right: Float64Array): void {
  const columns = right.length;
  for (let i = 0; i < left.length; i++) {
    for (let j = 0; j < columns; j++) matrix[i * columns + j]! += left[i]! * right[j]!;
  }
}
