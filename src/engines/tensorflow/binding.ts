import { createRequire } from 'node:module';
import { EngineUnavailable } from '../../contract/errors.ts';

export type AttributeValue = boolean | number | string;

export interface Attribute {
  readonly name: string;
  /** TF_AttrType. */
  readonly type: number;
  readonly value: AttributeValue;
}

/** A handle to an array that TensorFlow holds. `dtype` is a TF_DataType. */
export interface Tensor {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** What we use of tfjs-node's native addon; the rest of tfjs is not loaded. Source: tfjs-node 4.22, binding/tfjs_binding.cc. */
export interface Binding {
  createTensor(shape: readonly number[], dtype: number, data: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array;
  executeOp(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): Tensor[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  readonly TF_Version: string;
}

const ADDON = '@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node';

/** Loads the addon, and with it libtensorflow. Throws EngineUnavailable when either is missing or does not load. */
export function loadBinding(addon = ADDON): Binding {
  const require = createRequire(import.meta.url);
  try {
    return require(addon) as Binding;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new EngineUnavailable(`the tensorflow engine cannot load ${addon} (${reason}); to set it up run: npm run setup -- --tensorflow`, {
      cause,
    });
  }
}
