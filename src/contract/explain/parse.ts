import type { z } from 'zod';
import { type Problem, SpecInvalid } from '../errors.ts';
import { type Spec, specShape } from '../spec.ts';
import { pointerOf } from './pointer.ts';
import { problemsOf } from './problems.ts';
import { shapeOf } from './shape.ts';

/** More problems than anyone reads, and fewer than a body of nonsense could have. */
const MAX_PROBLEMS = 50;
/** Levels of lists and objects: twice as many as any request of this service has. */
export const MAX_DEPTH = 20;
/** Entries of a list or fields of an object: more than any request of this service has. */
const MAX_ENTRIES = 1_000;

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

interface Place {
  readonly value: unknown;
  readonly key: PropertyKey;
  readonly parent: Place | null;
  readonly depth: number;
}

/**
 * What must not reach a validator: `__proto__` keys, values that nest so deeply that walking them would overflow the stack, and lists
 * and objects with so many entries that it would take long to say what is wrong with each.
 */
function* findHazards(body: unknown): Generator<() => Problem> {
  const places: Place[] = [{ value: body, key: '', parent: null, depth: 0 }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { value, depth } = place;
    if (typeof value !== 'object' || value === null) continue;
    const hazard = hazardOf(value, depth);
    if (hazard !== null) {
      yield describe(place, hazard);
      continue;
    }
    if (Object.hasOwn(value, '__proto__')) {
      yield describe({ value: null, key: '__proto__', parent: place, depth: depth + 1 }, 'the field name "__proto__" is not allowed');
    }
    for (const [key, child] of Object.entries(value)) {
      if (typeof child !== 'object') continue;
      places.push({ value: child, key: Array.isArray(value) ? Number(key) : key, parent: place, depth: depth + 1 });
    }
  }
}

function hazardOf(value: object, depth: number): string | null {
  if (depth === MAX_DEPTH) return `nested too deeply: expected at most ${MAX_DEPTH} levels`;
  const [count, noun] = Array.isArray(value) ? [value.length, 'items'] : [Object.keys(value).length, 'fields'];
  return count > MAX_ENTRIES ? `expected at most ${MAX_ENTRIES} ${noun}, got ${count}` : null;
}

const describe = (place: Place, detail: string) => (): Problem => ({ pointer: pointerOf(pathTo(place)), detail });

function pathTo(place: Place): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let at = place; at.parent !== null; at = at.parent) path.unshift(at.key);
  return path;
}
