import { crc32 } from 'node:zlib';
import { layOutZip } from '../formats/zip-layout.ts';
import type { Plan } from '../plan/plan.ts';
import { kerasLayers } from './keras-layers.ts';
import type { ModelFormat, WeightsFacts } from './model-format.ts';

/**
 * A zip of model.json and weights.bin, which `tf.loadLayersModel` of TensorFlow.js loads as they are.
 * Source: https://www.tensorflow.org/js/guide/save_load
 */
export const tfjs: ModelFormat = {
  mediaType: 'application/zip',
  ending: '-tfjs.zip',
  description: 'model.json and weights.bin, for tf.loadLayersModel.',
  parts(plan, weights) {
    const json = Buffer.from(JSON.stringify(modelJson(plan, weights)));
    const { headers, directory } = layOutZip([
      { name: 'model.json', size: json.length, crc32: crc32(json) },
      { name: 'weights.bin', size: weights.bytes, crc32: weights.crc32 },
    ]);
    const [beforeModel = Buffer.alloc(0), beforeWeights = Buffer.alloc(0)] = headers;
    return [Buffer.concat([beforeModel, json, beforeWeights]), { start: 0, end: weights.bytes }, directory];
  },
};

function modelJson(plan: Plan, { arrays }: WeightsFacts): object {
  const layers = kerasLayers(plan);
  const names = layers.flatMap((layer) => layer.weights);
  if (names.length !== arrays.length) throw new RangeError(`expected ${names.length} weights, got ${arrays.length}`);
  return {
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
      { paths: ['weights.bin'], weights: arrays.map(({ shape }, index) => ({ name: names[index], shape, dtype: 'float32' })) },
    ],
  };
}
