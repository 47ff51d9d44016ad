import { z } from 'zod';

/** One entry of index.json: a model of tokens with one sigmoid, whose dropout masks were recorded. Layers as arguments of Keras' constructors. */
const indexEntry = z
  .looseObject({
    c: z.looseObject({ mask: z.boolean().default(false), lstm: z.array(z.unknown()), dense: z.array(z.unknown()).default([]) }),
    opt: z.unknown(),
    V: z.int().min(1),
    E: z.int().min(1),
    steps: z.int().min(1),
    losses: z.array(z.number()),
  })
  .transform(({ c: { mask, lstm, dense }, opt, V, E, steps, losses }) => ({
    steps,
    losses,
    loss: 'binary_crossentropy',
    optimizer: opt,
    model: { embedding: { input_dim: V, output_dim: E, mask_zero: mask }, lstm, dense, output: { units: 1, activation: 'sigmoid' } },
  }));

/** What an index.json holds, as entries of a cases.json would say it. */
export const indexCasesSchema = z.record(z.string(), indexEntry);
