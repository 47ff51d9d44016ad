import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import { expectation } from './expectation.ts';
import { nearest } from './nearest.ts';
import { pointerOf } from './pointer.ts';
import { fieldsOf, type Shape, shapeAt, valueAt } from './shape.ts';

/** What zod found, as sentences that hold the place, the value and what was expected. */
export function* problemsOf(issues: readonly z.core.$ZodIssue[], shape: Shape, body: unknown): Generator<() => Problem> {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) yield () => unknownField(key, issue.path, shape, body);
    } else {
      yield () => ({ pointer: pointerOf(issue.path), detail: detailOf(issue, shape, valueAt(body, issue.path), body) });
    }
  }
}

function unknownField(key: string, path: readonly PropertyKey[], shape: Shape, body: unknown): Problem {
  const place = shapeAt(shape, body, path);
  const known = place === null ? [] : fieldsOf(place, valueAt(body, path));
  const meant = nearest(key, known);
  const hint =
    meant === null ? `expected one of ${known.map((name) => JSON.stringify(name)).join(', ')}` : `did you mean ${JSON.stringify(meant)}?`;
  return { pointer: pointerOf([...path, key]), detail: `unknown field ${shown(key)}, ${hint}` };
}

function detailOf(issue: z.core.$ZodIssue, shape: Shape, value: unknown, body: unknown): string {
  if (issue.code === 'invalid_key') return `${expectedKey(issue.issues[0])}, got the key ${shown(issue.path.at(-1))}`;
  if (issue.code === 'custom') return issue.message;
  const got = value === undefined ? 'got nothing' : `got ${shown(value)}`;
  if (issue.code === 'invalid_format' && !issue.message.startsWith('Invalid')) return `${issue.message}, ${got}`;
  return `expected ${expected(issue, shape, body)}, ${got}`;
}

function expected(issue: z.core.$ZodIssue, shape: Shape, body: unknown): string {
  if (issue.code === 'invalid_union' && 'options' in issue) {
    return expectation({ enum: (issue.options ?? []).filter((option) => option !== undefined) });
  }
  const place = shapeAt(shape, body, issue.path);
  return place === null ? issue.message : expectation(place);
}

const expectedKey = (issue: z.core.$ZodIssue | undefined): string =>
  issue?.code === 'invalid_format' || issue?.code === 'custom' ? issue.message : 'expected a key of 1 to 64 characters';

/** A value, short enough for a sentence. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return 'a number too large for a 64-bit float';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
  return typeof value === 'string' && value.length > 60 ? `${text}... (${value.length} characters)` : text;
}
