import { z } from 'zod';

/** The engines there are, the one that "auto" would rather take first. */
export const ENGINES = ['core', 'tensorflow'] as const;

/** What the bits of a result depend on. */
export const engineInfoSchema = z.object({
  name: z.enum(ENGINES),
  variant: z.string().describe('Such as "cpu" or "cuda". Results are bit-identical within one variant.'),
  device: z.string(),
  versions: z.record(z.string(), z.string()),
});

export type EngineInfo = z.infer<typeof engineInfoSchema>;
