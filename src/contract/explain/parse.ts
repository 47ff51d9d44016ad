import type { z } from 'zod';
import { type Problem, SpecInvalid } from '../errors.ts';
import { type Spec, specShape } from '../spec.ts';
import { findHazards } from './hazards.ts';
import { listProblems } from './problem-list.ts';
import { problemsOf } from './problems.ts';
import { shapeOf } from './shape.ts';

/** The body of POST /v1/jobs with its defaults filled in. Throws SpecInvalid with every problem at once. */
export function parseSpec(body: unknown): Spec {
  const parsed = parseStrictly(specShape, body);
  if (parsed.problems) throw new SpecInvalid(parsed.problems);
  return parsed.value;
}

/** What a schema makes of a value from outside: the value, or what is wrong with it. */
export function parseStrictly<T>(
  schema: z.ZodType<T>,
  input: unknown,
): { readonly value: T; readonly problems?: never } | { readonly problems: readonly Problem[] } {
  const hazards = listProblems(findHazards(input));
  if (hazards.length > 0) return { problems: hazards };
  const parsed = schema.safeParse(input);
  return parsed.success ? { value: parsed.data } : { problems: listProblems(problemsOf(parsed.error.issues, shapeOf(schema), input)) };
}
