import { z } from 'zod';
import { type OptimizerSpec, optimizerSchema } from '../../contract/optimizer.ts';
import type { LossName } from '../../contract/spec.ts';
import { denseSchema, embeddingSchema, fixed, lstmSchema, optimizerArguments } from './arguments.ts';

const ALIASES: Readonly<Record<string, LossName>> = { mse: 'mean_squared_error', mae: 'mean_absolute_error' };

/** Keras' default, which is not a job spec's. */
const RMSPROP_LEARNING_RATE = 0.001;

const optimizer = z.looseObject({ type: z.string(), ...optimizerArguments }).transform((given, context): OptimizerSpec => {
  const ours = Object.fromEntries(Object.entries(given).filter(([name]) => !Object.hasOwn(optimizerArguments, name)));
  const defaults = given.type === 'rmsprop' ? { learning_rate: RMSPROP_LEARNING_RATE } : {};
  const parsed = optimizerSchema.safeParse({ ...defaults, ...ours });
  if (parsed.success) return parsed.data;
  context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: given }) as z.core.$ZodRawIssue));
  return z.NEVER;
});

const loss = z.preprocess(
  (name) => (typeof name === 'string' ? (ALIASES[name] ?? name) : name),
  z.enum(['binary_crossentropy', 'sparse_categorical_crossentropy', 'mean_squared_error', 'mean_absolute_error', 'huber']),
);

const classWeight = z
  .union([z.record(z.string(), z.number()), z.array(z.number()).transform((list) => Object.fromEntries(list.entries()))])
  .nullish()
  .transform((weights) => weights ?? null);

/**
 * One entry of cases.json: a model, its loss and its optimizer as arguments of Keras' constructors; what is missing has Keras'
 * default. Sizes of the data are those of the recorded arrays.
 */
export const kerasCaseSchema = z.looseObject({
  batch_size: z.int().min(1).optional(),
  steps: z.int().min(1).optional(),
  losses: z.array(z.number()).optional(),
  loss,
  optimizer,
  class_weight: classWeight,
  model: z.strictObject({
    embedding: embeddingSchema.nullish().transform((embedding) => embedding ?? null),
    lstm: z.array(lstmSchema).min(1),
    dense: z.array(denseSchema).default([]),
    output: denseSchema.extend({ dropout: fixed(0) }),
  }),
});

export type KerasCase = z.infer<typeof kerasCaseSchema>;
