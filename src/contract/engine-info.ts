import { z } from 'zod';

/** The names of the engines. */
export const ENGINES = ['core', 'tensorflow'] as const;

/** An engine as it trains on one machine: the bits of a result depend on every field. */
export const engineInfoSchema = z.object({
  name: z.enum(ENGINES),
  variant: z.string().describe('Such as "cpu" or "cuda". Results are bit-identical within one variant.'),
  device: z.string(),
  versions: z.record(z.string(), z.string()),
});

export type EngineInfo = z.infer<typeof engineInfoSchema>;
