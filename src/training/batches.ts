import type { Rows } from '../contract/arrays.ts';
import type { Spec } from '../contract/spec.ts';
import type { Batch } from './engine.ts';

type ClassWeight = Spec['training']['class_weight'];

/** Batch number `index` (from 0) of the rows as they lie, as views, without sample weights. */
export function sliceBatch(source: Rows, batchSize: number, index: number): Batch {
  const start = index * batchSize;
  const end = Math.min(start + batchSize, source.rows);
  const view = <A extends Int32Array | Float32Array>(array: A): A => {
    const size = array.length / source.rows;
    return array.subarray(start * size, end * size) as A;
  };
  return { rows: end - start, inputs: view(source.inputs), targets: view(source.targets), sampleWeights: null };
}

/** Gives batch number `index` (from 0) of the rows in `order`. Valid until the next call. */
export type GatherBatch = (order: Int32Array, index: number) => Batch;

/** Copies rows into buffers that are laid out once. With class weights each row carries the weight of its class, or 1. */
export function batchGatherer(source: Rows, batchSize: number, classWeight: ClassWeight): GatherBatch {
  const inputSize = source.inputs.length / source.rows;
  const targetSize = source.targets.length / source.rows;
  const inputs = source.inputs instanceof Int32Array ? new Int32Array(batchSize * inputSize) : new Float32Array(batchSize * inputSize);
  const targets = new Float32Array(batchSize * targetSize);
  const sampleWeights = new Float32Array(batchSize);
  return (order, index) => {
    const chosen = order.subarray(index * batchSize, (index + 1) * batchSize);
    for (const [place, row] of chosen.entries()) {
      inputs.set(source.inputs.subarray(row * inputSize, (row + 1) * inputSize), place * inputSize);
      targets.set(source.targets.subarray(row * targetSize, (row + 1) * targetSize), place * targetSize);
      sampleWeights[place] = classWeight?.[String(source.targets[row])] ?? 1;
    }
    return {
      rows: chosen.length,
      inputs: inputs.subarray(0, chosen.length * inputSize),
      targets: targets.subarray(0, chosen.length * targetSize),
      sampleWeights: classWeight === null ? null : sampleWeights.subarray(0, chosen.length),
    };
  };
}
