import { zipSync } from 'fflate';
import type { NamedArray } from '../contract/arrays.ts';
import type { Plan } from '../plan/plan.ts';
import { kerasLayers } from './keras-layers.ts';

/** A zip has no time zone: this is its epoch wherever it is written. */
const ZIP_EPOCH = new Date(1980, 0, 1);

/**
 * A model as a zip of model.json and weights.bin, which `tf.loadLayersModel` of TensorFlow.js loads as they are. `weights` lie in
 * the order of `plan.weights`. The same model gives the same bytes.
 * Source: https://www.tensorflow.org/js/guide/save_load
 */
export function tfjsArchive(plan: Plan, weights: readonly NamedArray[]): Uint8Array {
  const layers = kerasLayers(plan);
  const names = layers.flatMap((layer) => layer.weights);
  if (names.length !== weights.length) throw new RangeError(`expected ${names.length} weights, got ${weights.length}`);
  const model = {
    format: 'layers-model',
    generatedBy: 'epochd',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'sequential', layers: layers.map(({ class_name, config }) => ({ class_name, config })) },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      { paths: ['weights.bin'], weights: weights.map(({ shape }, index) => ({ name: names[index], shape, dtype: 'float32' })) },
    ],
  };
  const files = { 'model.json': Buffer.from(JSON.stringify(model)), 'weights.bin': concatenate(weights) };
  return zipSync(files, { mtime: ZIP_EPOCH, level: 0 });
}

const concatenate = (weights: readonly NamedArray[]): Uint8Array =>
  Buffer.concat(weights.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
