import { crc32 } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { NamedArray } from '../../src/contract/arrays.ts';
import { FORMATS } from '../../src/exports/format.ts';
import { elements, type Plan, planModel } from '../../src/plan/plan.ts';
import { readGolden } from '../golden.ts';

/** What a user of stock TensorFlow.js does with the archive. */
async function predict(archive: Uint8Array, rows: number, input: Plan['input'], values: Iterable<number>): Promise<number[]> {
  const { 'model.json': json, 'weights.bin': bin } = unzipSync(archive);
  const { modelTopology, weightsManifest } = JSON.parse(Buffer.from(json ?? []).toString());
  const weightData = Uint8Array.from(bin ?? []).buffer;
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }));
  const shape = input.kind === 'tokens' ? [rows, input.timesteps] : [rows, input.timesteps, input.features];
  const numbers = Float32Array.from(values).slice(0, elements(shape));
  const output = tf.tidy(() => (model.predict(tf.tensor(numbers, shape)) as tf.Tensor).dataSync());
  model.dispose();
  return [...output];
}

/** The file that the table of formats makes of a model whose weights are in memory. */
function archiveOf(plan: Plan, arrays: readonly NamedArray[]): Buffer {
  const weights = Buffer.concat(arrays.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  const parts = FORMATS.tfjs.parts(plan, { arrays, bytes: weights.length, crc32: crc32(weights) });
  return Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : weights.subarray(part.start, part.end))));
}

function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] ?? Number.NaN))));
}

describe('a model for TensorFlow.js', () => {
  it.each(['seed', 'stacked_softmax', 'bidirectional_regression', 'mask_zero'])(
    'is loaded by stock TensorFlow.js, which then predicts what Keras predicted: %s',
    async (name) => {
      const { plan, rows, final, prediction } = await readGolden(name);
      const weights = plan.weights.map((weight, index) => ({ ...weight, data: final[index] ?? new Float32Array() }));
      const predicted = await predict(archiveOf(plan, weights), 16, plan.input, rows.inputs);
      expect(greatestDifference(predicted, prediction?.values ?? [])).toBeLessThan(1e-5);
    },
  );

  it('keeps masks through stacked bidirectional layers, and drops nothing out when it predicts', async () => {
    const plan = planModel(
      {
        embedding: { output_dim: 3, mask_zero: true },
        lstm: [
          { units: 2, dropout: 0.2, recurrent_dropout: 0, bidirectional: true },
          { units: 3, dropout: 0, recurrent_dropout: 0.1, bidirectional: true },
        ],
        dense: [{ units: 4, activation: 'tanh', dropout: 0.5 }],
      },
      { kind: 'tokens', timesteps: 6, vocabulary: 10 },
      3,
      'sparse_categorical_crossentropy',
    );
    const rows = [
      [0, 0, 0, 1, 2, 3],
      [4, 5, 6, 7, 8, 9],
      [0, 0, 0, 0, 0, 9],
      [0, 3, 0, 5, 0, 0],
    ];
    // Keras 3.15.1 on TensorFlow 2.21 with the same layers and weights.
    const recorded = [
      [0.45172524, 0.0842199, 0.46405488],
      [0.46136096, 0.07448852, 0.46415052],
      [0.43043166, 0.07427342, 0.495295],
      [0.44717675, 0.07611677, 0.47670645],
    ];
    const predicted = await predict(archiveOf(plan, waves(plan)), rows.length, plan.input, rows.flat());
    expect(greatestDifference(predicted, recorded.flat())).toBeLessThan(1e-5);
  });

  it('gives the same bytes for the same model', async () => {
    const { plan } = await readGolden('mask_zero');
    expect(archiveOf(plan, waves(plan)).equals(archiveOf(plan, waves(plan)))).toBe(true);
  });

  it('refuses weights that are not the plan’s', async () => {
    const { plan } = await readGolden('mask_zero');
    expect(() => archiveOf(plan, waves(plan).slice(1))).toThrow(new RangeError('expected 6 weights, got 5'));
  });
});

const waves = ({ weights }: Plan): NamedArray[] =>
  weights.map(({ name, shape }, index) => ({
    name,
    shape,
    data: Float32Array.from({ length: elements(shape) }, (_, k) => 0.8 * Math.sin(1.7 * k + index)),
  }));
