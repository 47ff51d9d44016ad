import type { z } from 'zod';
import { type Problem, SpecInvalid } from './errors.ts';
import { findHazards } from './hazards.ts';
import { problemsOf } from './problems.ts';
import { shapeOf } from './shape.ts';
import { type Spec, specShape } from './spec.ts';

/** More than anyone reads, less than a body of nonsense could cause. */
const MAX_PROBLEMS = 50;

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
  const hazards = findHazards(input);
  if (hazards.length > 0) return { problems: capped(hazards) };
  const parsed = schema.safeParse(input);
  return parsed.success ? { value: parsed.data } : { problems: capped(problemsOf(parsed.error.issues, shapeOf(schema), input)) };
}

const capped = (problems: readonly Problem[]): readonly Problem[] =>
  problems.length <= MAX_PROBLEMS
    ? problems
    : [...problems.slice(0, MAX_PROBLEMS), { pointer: '', detail: `and ${problems.length - MAX_PROBLEMS} more problems` }];
