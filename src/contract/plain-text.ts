/**
 * What names and labels must not hold, for they go to terminals, plots and logs: control characters, halves of surrogate pairs, code
 * points that are no characters, line and paragraph separators, and characters that show nothing or turn the direction of writing
 * (Cf). Of the last only the two joiners are allowed: Persian, Hindi and many emoji cannot be written without them.
 */
const NOT_PLAIN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|(?![\u200c\u200d])\p{Cf}/gu;

export const isPlain = (text: string): boolean => text.search(NOT_PLAIN) < 0;

/** The text with an escape such as \u001b for whatever is not plain: whoever wrote it, a terminal does not obey it. */
export const spellOut = (text: string): string => text.replace(NOT_PLAIN, escape);

/** The value as JSON in which everything that is not plain is escaped, also what JSON would take as it is. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(NOT_PLAIN, (character) => (character === '\n' ? character : escape(character)));

const escape = (character: string): string =>
  character
    .split('')
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
