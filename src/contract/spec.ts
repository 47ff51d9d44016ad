import { z } from 'zod';
import { datasetSchema } from './dataset.ts';
import { ENGINES } from './engine-info.ts';
import { optimizerSchema } from './optimizer.ts';
import { isPlain } from './plain-text.ts';

const plain = (text: z.ZodString): z.ZodString =>
  text.refine(
    isPlain,
    'expected text without control characters, and without characters that show nothing or turn the direction of writing',
  );

/** A map with at most `count` entries. */
const atMost = <S extends z.ZodType>(count: number, map: S): S =>
  map.refine((value) => Object.keys(value as object).length <= count, `expected at most ${count} entries`).meta({ maxProperties: count });

const dropoutRate = z.number().min(0).max(0.95).default(0);

const lstmLayer = z.strictObject({
  units: z.int().min(1).max(1024).default(8),
  dropout: dropoutRate.describe(
    "Share of the layer's inputs dropped; one mask per batch, the same at every time step. With recurrent_dropout each gate has its own.",
  ),
  recurrent_dropout: dropoutRate.describe(
    'Share of the recurrent state dropped; one mask per batch for each gate, the same at every time step.',
  ),
  bidirectional: z.boolean().default(false).describe('Runs a second LSTM over the reversed sequence; outputs are concatenated.'),
});

const denseLayer = z.strictObject({
  units: z.int().min(1).max(4096),
  activation: z.enum(['linear', 'relu', 'sigmoid', 'tanh']).default('relu'),
  dropout: dropoutRate.describe("Share of this layer's outputs dropped."),
});

const model = z.strictObject({
  embedding: z
    .strictObject({ output_dim: z.int().min(1).max(1024).default(16), mask_zero: z.boolean().default(false) })
    .nullable()
    .prefault({})
    .describe("For token ids; input_dim comes from the data: the dataset's num_words. null for data that are numbers."),
  lstm: z.array(lstmLayer).min(1).max(8).prefault([{}]),
  dense: z.array(denseLayer).max(8).default([]).describe('Hidden layers; the output layer follows from the loss.'),
});

const LOSSES = ['binary_crossentropy', 'sparse_categorical_crossentropy', 'mean_squared_error', 'mean_absolute_error', 'huber'] as const;
const METRICS = ['accuracy', 'mean_absolute_error', 'mean_squared_error'] as const;

const training = z.strictObject({
  epochs: z.int().min(1).max(10_000).default(10),
  batch_size: z.int().min(1).max(8192).default(64),
  optimizer: optimizerSchema.prefault({ type: 'rmsprop' }),
  loss: z
    .enum(LOSSES)
    .default('binary_crossentropy')
    .describe('Decides the task: one sigmoid, a softmax over the classes, or one linear output.'),
  metrics: z.array(z.enum(METRICS)).max(3).default(['accuracy']),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('Decides initial weights, batch order and dropout masks.'),
  class_weight: atMost(
    1_000,
    z.record(z.string().regex(/^(0|[1-9]\d{0,5})$/, 'expected a class index such as "0"'), z.number().min(0).max(1e6)),
  )
    .nullable()
    .default(null)
    .describe('Class index to weight of its rows in the training loss; 1 for classes not named.'),
});

const monitor = z
  .string()
  .regex(/^(val_)?(loss|accuracy|mean_absolute_error|mean_squared_error)$/, 'expected a logged quantity such as "val_loss"')
  .default('val_loss');

const callbacks = z.strictObject({
  checkpoint: z
    .strictObject({
      monitor,
      save_best_only: z.boolean().default(true),
      // No default: a spec without it keeps its sha256.
      keep_last: z
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .describe(
          'With save_best_only false: the checkpoints of so many of the newest epochs stay beside the best, at least two, instead of all.',
        ),
    })
    .prefault({}),
  early_stopping: z
    .strictObject({
      monitor,
      patience: z.int().min(0).max(10_000).default(3),
      min_delta: z.number().min(0).max(1e6).default(0),
      restore_best_weights: z.boolean().default(true),
    })
    .nullable()
    .prefault({}),
  reduce_lr_on_plateau: z
    .strictObject({
      monitor,
      factor: z.number().gt(0).lt(1).default(0.1),
      patience: z.int().min(0).max(10_000).default(10),
      min_delta: z.number().min(0).max(1e6).default(1e-4),
      cooldown: z.int().min(0).max(10_000).default(0),
      min_lr: z.number().min(0).max(10).default(0),
    })
    .nullable()
    .default(null),
  terminate_on_nan: z.boolean().default(true).describe('Fails the run with code "not_finite" at the first loss that is no number.'),
});

/** 30 days. */
export const MAX_RUNTIME_SECONDS = 30 * 86_400;

/**
 * A job spec: the body of POST /v1/jobs. Strict; every default is the seed's value, so that only `dataset` is required.
 * The rules that span fields are in spec-rules.ts.
 */
export const specShape = z.strictObject({
  name: plain(z.string().min(1).max(200)).default('imdb-lstm'),
  dataset: datasetSchema,
  model: model.prefault({}),
  training: training.prefault({}),
  callbacks: callbacks.prefault({}),
  engine: z.enum(['auto', ...ENGINES]).default('auto'),
  priority: z.int().min(1).max(1000).default(100).describe('1 is served first.'),
  max_runtime_seconds: z
    .int()
    .min(1)
    .max(MAX_RUNTIME_SECONDS)
    .nullable()
    .default(null)
    .describe('Seconds of training, summed over attempts.'),
  metadata: atMost(32, z.record(plain(z.string().min(1).max(64)), plain(z.string().max(512)))).default({}),
});

export type Spec = z.infer<typeof specShape>;
export type LossName = (typeof LOSSES)[number];
export type MetricName = (typeof METRICS)[number];

/** What the loop needs of a spec. */
export type TrainingSpec = Pick<Spec, 'training' | 'callbacks'>;
