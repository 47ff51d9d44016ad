import { createRequire } from 'node:module';
import type { EngineInfo } from '../../contract/engine-info.ts';
import type { Engine } from '../../training/engine.ts';
import { loadBinding } from './binding.ts';
import { runBlockLstm } from './lstm-block.ts';
import type { RunLstm } from './lstm-cell.ts';
import { runCudnnLstm } from './lstm-cudnn.ts';
import { Model } from './model.ts';
import { Ops } from './ops.ts';
import { compareLstms } from './self-check.ts';
import { Session } from './session.ts';

/**
 * TensorFlow through tfjs-node's native addon. `warn` is told when there is a GPU whose fused LSTM cannot be used. Throws
 * EngineUnavailable when the addon or libtensorflow is missing.
 */
export function loadTensorflow(warn: (message: string) => void): Engine {
  const binding = loadBinding();
  const cuda = binding.isUsingGpuDevice();
  const ops = new Ops(new Session(binding));
  const fused = cuda ? fusedLstmOfGpu(ops, warn) : runBlockLstm;
  const info: EngineInfo = {
    name: 'tensorflow',
    variant: cuda ? 'cuda' : 'cpu',
    device: cuda ? 'GPU:0' : 'CPU:0',
    versions: { tensorflow: binding.TF_Version, 'tfjs-node-gpu': packageVersion() },
  };
  return {
    info,
    infoFor: () => info,
    compile: (plan, optimizer) => new Model(ops, plan, optimizer, fused),
  };
}

function fusedLstmOfGpu(ops: Ops, warn: (message: string) => void): RunLstm {
  const fault = compareLstms(ops, runCudnnLstm, runBlockLstm);
  if (fault === null) return runCudnnLstm;
  warn(`cuDNN's LSTM does not agree with TensorFlow's own (${fault}): training goes on with the slower BlockLSTMV2`);
  return runBlockLstm;
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/package.json') as { version: string };
  return version;
}
