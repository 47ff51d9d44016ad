import { z } from 'zod';

const rate = z.number().gt(0).max(10);
const fraction = z.number().min(0).lt(1);
const epsilon = z.number().gt(0).max(1).default(1e-7);
const clip = z.number().gt(0).nullable().default(null);
const decay = z.number().min(0).max(1);

/** What every Keras optimizer takes. At most one of the three clips may be set, as in Keras. */
const common = {
  clipnorm: clip.describe('Scales each gradient so that its L2 norm is at most this.'),
  clipvalue: clip.describe('Clamps each gradient element to [-clipvalue, clipvalue].'),
  global_clipnorm: clip.describe('Scales all gradients together so that their joint L2 norm is at most this.'),
  weight_decay: decay.nullable().default(null).describe('Decoupled: weights shrink by learning_rate * weight_decay each step.'),
};

const rmsprop = z.strictObject({
  type: z.literal('rmsprop').optional().default('rmsprop'),
  learning_rate: rate.default(0.0001),
  rho: fraction.default(0.9),
  momentum: fraction.default(0),
  epsilon,
  centered: z.boolean().default(false),
  ...common,
});

const moments = { learning_rate: rate.default(0.001), beta_1: fraction.default(0.9), beta_2: fraction.default(0.999), epsilon };

const adam = z.strictObject({ type: z.literal('adam'), ...moments, amsgrad: z.boolean().default(false), ...common });

const adamw = z.strictObject({
  type: z.literal('adamw'),
  ...moments,
  amsgrad: z.boolean().default(false),
  ...common,
  weight_decay: decay.default(0.004),
});

const nadam = z.strictObject({ type: z.literal('nadam'), ...moments, ...common });

const sgd = z.strictObject({
  type: z.literal('sgd'),
  learning_rate: rate.default(0.01),
  momentum: fraction.default(0),
  nesterov: z.boolean().default(false),
  ...common,
});

const adagrad = z.strictObject({
  type: z.literal('adagrad'),
  learning_rate: rate.default(0.001),
  initial_accumulator_value: z.number().min(0).max(10).default(0.1),
  epsilon,
  ...common,
});

/**
 * Keras' optimizers under Keras' names, with Keras' defaults (rmsprop's learning rate is the seed's 0.0001).
 * Source: https://keras.io/api/optimizers/
 */
export const optimizerSchema = z
  .discriminatedUnion('type', [rmsprop, adam, adamw, nadam, sgd, adagrad])
  .superRefine((optimizer, context) => {
    const set = (['clipnorm', 'clipvalue', 'global_clipnorm'] as const).filter((key) => optimizer[key] !== null);
    for (const key of set.slice(1)) {
      context.addIssue({ code: 'custom', path: [key], message: `expected at most one kind of clipping, but ${set.join(' and ')} are set` });
    }
  });

export type OptimizerSpec = z.infer<typeof optimizerSchema>;

/**
 * The arrays that an optimizer keeps beside each weight, by Keras' names; the core lays them out in this order. Source: the `build`
 * methods of keras/src/optimizers (3.15).
 */
export function slotNames(spec: OptimizerSpec): string[] {
  switch (spec.type) {
    case 'rmsprop':
      return ['velocity', ...(spec.momentum > 0 ? ['momentum'] : []), ...(spec.centered ? ['average_gradient'] : [])];
    case 'adam':
    case 'adamw':
      return ['momentum', 'velocity', ...(spec.amsgrad ? ['velocity_hat'] : [])];
    case 'nadam':
      return ['momentum', 'velocity'];
    case 'sgd':
      return spec.momentum > 0 ? ['momentum'] : [];
    case 'adagrad':
      return ['accumulator'];
  }
}
