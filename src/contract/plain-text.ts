/**
 * What names and labels must not hold, for they go to terminals, plots and logs: control characters, halves of characters, characters that
 * belong to none, line and paragraph separators, and characters that show nothing or turn the direction of writing (Cf). Of these only the
 * two joiners stay, without which Persian, Hindi and many emoji cannot be written.
 */
const NOT_PLAIN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|(?![\u200c\u200d])\p{Cf}/gu;

export const isPlain = (text: string): boolean => text.search(NOT_PLAIN) < 0;

/** Text from wherever, fit for a terminal: what is not plain is spelt out. */
export const spellOut = (text: string): string => text.replace(NOT_PLAIN, escape);

/** JSON, in which what is not plain is escaped beyond what JSON asks for. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(NOT_PLAIN, (character) => (character === '\n' ? character : escape(character)));

const escape = (character: string): string =>
  character
    .split('')
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
