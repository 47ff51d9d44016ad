import type { Problem } from './errors.ts';
import { pointerOf } from './pointer.ts';

/** No request of this service nests deeper than half of this. */
const MAX_DEPTH = 20;

/** What must not reach a validator: `__proto__` keys, and nesting that would overflow the stack of whoever walks it. */
export function findHazards(body: unknown): Problem[] {
  const problems: Problem[] = [];
  const places: { readonly value: unknown; readonly path: readonly PropertyKey[] }[] = [{ value: body, path: [] }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { value, path } = place;
    if (typeof value !== 'object' || value === null) continue;
    if (path.length === MAX_DEPTH) {
      problems.push({ pointer: pointerOf(path), detail: `nested too deeply: expected at most ${MAX_DEPTH} levels` });
      continue;
    }
    if (Object.hasOwn(value, '__proto__'))
      problems.push({ pointer: pointerOf([...path, '__proto__']), detail: 'the field name "__proto__" is not allowed' });
    for (const [key, child] of Object.entries(value))
      places.push({ value: child, path: [...path, Array.isArray(value) ? Number(key) : key] });
  }
  return problems;
}
