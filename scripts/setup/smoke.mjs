import { createRequire } from 'node:module';
import { resolve } from 'node:path';

// smoke.mjs BINDING: loads tfjs_binding.node, has TensorFlow multiply two matrices, and prints its version.
// It is a program of its own because a library that does not fit its machine ends the process.

const binding = createRequire(import.meta.url)(resolve(process.argv[2]));
const matrix = (...values) => binding.createTensor([2, 2], binding.TF_FLOAT, Float32Array.from(values));
const attributes = [
  { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
];
const [product] = binding.executeOp('MatMul', attributes, [matrix(1, 2, 3, 4), matrix(5, 6, 7, 8)], 1);
const values = [...binding.tensorDataSync(product.id)];
if (values.join() !== '19,22,43,50') throw new Error(`[[1,2],[3,4]] times [[5,6],[7,8]] gave ${values}, expected 19,22,43,50`);
process.stdout.write(`${binding.TF_Version}${binding.isUsingGpuDevice() ? ' on a GPU' : ' on the CPU'}\n`);
