import type { z } from 'zod';

/** How a route's schema says what it answers. A schema that is described itself would lose its name in the document. */
export const answer = <M extends string, S extends z.ZodType>(description: string, type: M, schema: S) => ({
  description,
  content: { [type]: { schema } } as Record<M, { schema: S }>,
});

export const jsonAnswer = <S extends z.ZodType>(description: string, schema: S) => answer(description, 'application/json', schema);
