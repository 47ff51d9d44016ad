import type { Activation } from '../../plan/plan.ts';

/** Turns logits [rows, units] into predictions of that shape. */
export type OutputActivation = (logits: Float32Array, units: number) => Float32Array;

export const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/** On a batch's few outputs, in double precision: the last layer's activation is not worth a TensorFlow op. */
export const OUTPUT_ACTIVATIONS: Readonly<Record<Activation, OutputActivation>> = {
  linear: (logits) => logits,
  relu: (logits) => logits.map((z) => Math.max(0, z)),
  sigmoid: (logits) => logits.map(sigmoid),
  tanh: (logits) => logits.map(Math.tanh),
  softmax,
};

/** dy/dz of an elementwise activation, from its output y. */
export const DERIVATIVES: Readonly<Record<Exclude<Activation, 'softmax'>, (y: number) => number>> = {
  linear: () => 1,
  relu: (y) => (y > 0 ? 1 : 0),
  sigmoid: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
};

function softmax(logits: Float32Array, units: number): Float32Array {
  const outputs = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += units) {
    const row = logits.subarray(start, start + units);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, z) => total + Math.exp(z - largest), 0);
    for (const [k, z] of row.entries()) outputs[start + k] = Math.exp(z - largest) / sum;
  }
  return outputs;
}
