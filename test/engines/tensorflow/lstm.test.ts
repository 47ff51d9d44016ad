import { describe, expect, it } from 'vitest';
import { runBlockLstm } from '../../../src/engines/tensorflow/lstm-block.ts';
import type { RunLstm } from '../../../src/engines/tensorflow/lstm-cell.ts';
import { packWeights, runCudnnLstm, unpackWeights } from '../../../src/engines/tensorflow/lstm-cudnn.ts';
import { runStepwiseLstm } from '../../../src/engines/tensorflow/lstm-stepwise.ts';
import { compareLstms } from '../../../src/engines/tensorflow/self-check.ts';
import { tensorflow } from './tensorflow.ts';

describe.skipIf(!tensorflow)('the LSTM kernels', () => {
  const { ops, binding } = tensorflow ?? ({} as NonNullable<typeof tensorflow>);
  const { session } = ops ?? {};

  it('step by step, with nothing dropped, is what the fused op computes', () => {
    const stepwise: RunLstm = (given, x, sequence, weights) => {
      const units = weights.recurrent.shape[0] ?? 0;
      const [, , features = 0] = x.shape;
      const ones = (width: number) => session.tensor(new Float32Array(4 * sequence.rows * width).fill(1), [4, sequence.rows, width]);
      return runStepwiseLstm({ input: ones(features), recurrent: ones(units) })(given, x, sequence, weights);
    };
    expect(compareLstms(ops, stepwise, runBlockLstm)).toBeNull();
  });

  it('are told apart by the self-check when one is wrong, forward or backward', () => {
    const doubled: RunLstm = (given, x, sequence, weights) => {
      const { output, backward } = runBlockLstm(given, x, sequence, weights);
      return { output: given.add(output, output), backward };
    };
    const swapped: RunLstm = (given, x, sequence, weights) => {
      const { output, backward } = runBlockLstm(given, x, sequence, weights);
      return { output, backward: (gradient) => ({ ...backward(gradient), bias: weights.bias }) };
    };
    expect(compareLstms(ops, doubled, runBlockLstm)).toContain('output is off by');
    expect(compareLstms(ops, swapped, runBlockLstm)).toContain('gradient by bias is off by');
  });

  it("does not fall over where cuDNN's op is missing: the self-check says so and leaves no tensor", () => {
    const before = binding.getNumOfTensors();
    if (!binding.isUsingGpuDevice()) expect(compareLstms(ops, runCudnnLstm, runBlockLstm)).toContain('CudnnRNNV3');
    expect(binding.getNumOfTensors()).toBe(before);
  });

  it("packs weights in cuDNN's layout and unpacks gradients from it", () => {
    const [features, units] = [3, 2];
    const range = (size: number, start: number): Float32Array => Float32Array.from({ length: size }, (_, i) => start + i);
    session.tidy(() => {
      const weights = {
        kernel: session.tensor(range(24, 100), [features, 4 * units]),
        recurrent: session.tensor(range(16, 200), [units, 4 * units]),
        bias: session.tensor(range(8, 300), [4 * units]),
      };
      const packed = packWeights(ops, weights);
      const numbers = session.read(packed);
      expect(Array.from(numbers.subarray(0, 6))).toEqual([100, 108, 116, 101, 109, 117]);
      expect(Array.from(numbers.subarray(24, 28))).toEqual([200, 208, 201, 209]);
      expect(Array.from(numbers.subarray(40))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 300, 301, 302, 303, 304, 305, 306, 307]);
      const unpacked = unpackWeights(ops, packed, features, units);
      for (const name of ['kernel', 'recurrent', 'bias'] as const) {
        expect(unpacked[name].shape).toEqual(weights[name].shape);
        expect(session.read(unpacked[name])).toEqual(session.read(weights[name]));
      }
    });
  });
});
