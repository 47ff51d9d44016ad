import type { z } from 'zod';
import { type Problem, SpecInvalid } from '../errors.ts';
import { type Spec, specShape } from '../spec.ts';
import { findHazards } from './hazards.ts';
import { problemsOf } from './problems.ts';
import { shapeOf } from './shape.ts';

/** More problems than anyone reads, and fewer than a body of nonsense could have. */
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
  const hazards = listProblems(findHazards(input));
  if (hazards.length > 0) return { problems: hazards };
  const parsed = schema.safeParse(input);
  return parsed.success ? { value: parsed.data } : { problems: listProblems(problemsOf(parsed.error.issues, shapeOf(schema), input)) };
}

/** The first problems, each once. Only these are put into words; how many more there are is said at the end. */
export function listProblems(candidates: Iterable<() => Problem>): Problem[] {
  const kept = new Map<string, Problem>();
  let more = 0;
  for (const describe of candidates) {
    if (kept.size === MAX_PROBLEMS) {
      more += 1;
      continue;
    }
    const problem = describe();
    // A number beyond several bounds breaks each of them, and is one problem.
    kept.set(`${problem.pointer} ${problem.detail}`, problem);
  }
  return more === 0 ? [...kept.values()] : [...kept.values(), { pointer: '', detail: `and ${more} more problems` }];
}
