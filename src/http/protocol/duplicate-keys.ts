import type { Problem } from '../../contract/errors.ts';
import { MAX_DEPTH } from '../../contract/explain/parse.ts';
import { pointerOf } from '../../contract/explain/pointer.ts';

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
 * nest more deeply than MAX_DEPTH are not looked at: `parseStrictly` refuses them.
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
