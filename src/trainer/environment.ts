/**
 * What a process that trains with TensorFlow must find in its environment before it starts. The libraries find each other, CUDA's
 * included, by the runpaths of the wheels, whose folder layout the set-up keeps.
 */
export const TENSORFLOW_ENVIRONMENT = {
  /** Errors only. */
  TF_CPP_MIN_LOG_LEVEL: '2',
  /** Else TensorFlow takes all of the GPU's memory at once. */
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  /** Same input, same bits: without it the GPU adds up an embedding's gradient in any order. */
  TF_DETERMINISTIC_OPS: '1',
  /** Same bits on any number of cores: large products are cut into as many sums as there are threads. */
  TF_NUM_INTRAOP_THREADS: '2',
  /** Float32 products on the GPU, not TF32 with its 10 bits. */
  NVIDIA_TF32_OVERRIDE: '0',
} as const;
