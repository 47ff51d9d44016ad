import type { Problem } from '../errors.ts';
import { pointerOf } from './pointer.ts';

/** No request of this service nests deeper than half of this. */
export const MAX_DEPTH = 20;
/** Entries of a list or fields of an object: more than any request of this service has. */
const MAX_ENTRIES = 1_000;

interface Place {
  readonly value: unknown;
  readonly key: PropertyKey;
  readonly parent: Place | null;
  readonly depth: number;
}

/**
 * What must not reach a validator: `__proto__` keys, nesting that would overflow the stack of whoever walks it, and so many entries
 * that what is wrong with each of them would take long to say.
 */
export function* findHazards(body: unknown): Generator<() => Problem> {
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
