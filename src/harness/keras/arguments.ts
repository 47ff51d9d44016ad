import { z } from 'zod';

/** An argument that changes nothing in a replay, such as a name or an initializer. */
export const inert = z.unknown().optional();

/** An argument of Keras' that epochd does not have: only its default will do. */
export const fixed = <Value extends string | number | boolean | null>(value: Value) => z.literal(value).optional();

/** What every layer's constructor takes. */
export const layerArguments = { name: inert, dtype: fixed('float32'), trainable: fixed(true) };

const kernelArguments = {
  use_bias: fixed(true),
  kernel_initializer: inert,
  bias_initializer: inert,
  kernel_regularizer: fixed(null),
  bias_regularizer: fixed(null),
  activity_regularizer: fixed(null),
  kernel_constraint: fixed(null),
  bias_constraint: fixed(null),
};

export const embeddingSchema = z.strictObject({
  input_dim: z.int().min(1),
  output_dim: z.int().min(1),
  mask_zero: z.boolean().default(false),
  embeddings_initializer: inert,
  embeddings_regularizer: fixed(null),
  embeddings_constraint: fixed(null),
  ...layerArguments,
});

/** Replayed with the masks that Keras drew. */
const dropout = z.number().min(0).lt(1).default(0);

/** LSTM, and Bidirectional around it. */
export const lstmSchema = z.strictObject({
  units: z.int().min(1),
  bidirectional: z.boolean().default(false),
  merge_mode: fixed('concat'),
  activation: fixed('tanh'),
  recurrent_activation: fixed('sigmoid'),
  dropout,
  recurrent_dropout: dropout,
  recurrent_initializer: inert,
  recurrent_regularizer: fixed(null),
  recurrent_constraint: fixed(null),
  unit_forget_bias: inert,
  return_sequences: inert,
  return_state: fixed(false),
  go_backwards: fixed(false),
  stateful: fixed(false),
  unroll: inert,
  use_cudnn: inert,
  seed: inert,
  ...kernelArguments,
  ...layerArguments,
});

export const denseSchema = z.strictObject({
  units: z.int().min(1),
  activation: z
    .enum(['linear', 'relu', 'sigmoid', 'tanh', 'softmax'])
    .nullish()
    .transform((activation) => activation ?? 'linear'),
  dropout,
  ...kernelArguments,
  ...layerArguments,
});

/** What every optimizer's constructor takes and a job spec does not have. */
export const optimizerArguments = {
  name: inert,
  use_ema: fixed(false),
  ema_momentum: inert,
  ema_overwrite_frequency: fixed(null),
  loss_scale_factor: fixed(null),
  gradient_accumulation_steps: fixed(null),
};
