import type { Problem } from '../errors.ts';
import { pointerOf } from './pointer.ts';

/** Levels of lists and objects: twice as many as any request of this service has. */
const MAX_DEPTH = 20;
/** Entries of a list or fields of an object: more than any request of this service has. */
const MAX_ENTRIES = 1_000;

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

interface Level {
  /** The field or the index that stands here now. */
  at: PropertyKey;
  /** The fields so far; null in a list. */
  readonly keys: Set<string> | null;
}

const isSpace = (code: string | undefined): boolean => code === ' ' || code === '\n' || code === '\r' || code === '\t';

/**
 * The fields that an object of a JSON text has more than once. JSON.parse takes the last of them without a word, and a model would
 * be trained for an hour with another value than the one that a reader of the text saw. The text must be JSON already. Objects that
 * nest more deeply than MAX_DEPTH are not looked at: `findHazards` refuses them.
 */
export function* duplicateKeys(text: string): Generator<() => Problem> {
  const levels: Level[] = [];
  let below = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '{' || character === '[') {
      if (below > 0 || levels.length > MAX_DEPTH) below += 1;
      else levels.push(character === '{' ? { at: '', keys: new Set() } : { at: 0, keys: null });
    } else if (character === '}' || character === ']') {
      if (below > 0) below -= 1;
      else levels.pop();
    } else if (character === '"') {
      const end = endOfString(text, index);
      const level = levels.at(-1);
      if (below === 0 && level?.keys && isKey(text, end)) {
        const key = textOf(text.slice(index, end + 1));
        level.at = key;
        if (level.keys.has(key)) {
          const path = levels.map(({ at }) => at);
          yield () => ({ pointer: pointerOf(path), detail: 'this field comes more than once: expected it once' });
        }
        level.keys.add(key);
      }
      index = end;
    } else if (character === ',' && below === 0) {
      const level = levels.at(-1);
      if (level?.keys === null) level.at = Number(level.at) + 1;
    }
  }
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}

function isKey(text: string, end: number): boolean {
  let index = end + 1;
  while (isSpace(text[index])) index += 1;
  return text[index] === ':';
}

/** What a quoted string says: "\u0061" and "a" are the same field. */
const textOf = (quoted: string): string => (quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1));
