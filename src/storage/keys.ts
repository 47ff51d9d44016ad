import type { ByteRange } from './storage.ts';

/** Visible ASCII: other texts are sorted, folded and normalized by each file system in its own way. */
const NAME = /^[!-.0-[\]-~]{1,255}$/;
/** What an object store takes. */
const MAX_LENGTH = 1024;
/** Where a folder keeps what is not finished. */
export const TEMPORARY = 'tmp';

/** Whether it can be a part of a key. The others are what a back end keeps for itself, and version 0.1.0 kept beside its files. */
export const isName = (part: string): boolean => NAME.test(part) && !part.startsWith('.') && !part.endsWith('.tmp');

/** Throws RangeError. */
export function assertKey(key: string): void {
  const parts = key.split('/');
  if (key.length <= MAX_LENGTH && parts.every(isName) && parts[0] !== TEMPORARY) return;
  throw new RangeError(
    `the key ${JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}...` : key)}: expected at most ${MAX_LENGTH} characters, as parts with '/' between them, ` +
      `each of 1 to 255 visible ASCII characters without '\\', not beginning with '.' nor ending in '.tmp', and the first not '${TEMPORARY}'`,
  );
}

/** Gives the range as it is. Throws RangeError. */
export function assertRange(range?: ByteRange): ByteRange | undefined {
  if (!range) return undefined;
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return range;
  throw new RangeError(`the bytes ${start} to ${end}: expected whole numbers, 0 or more, of which the second is not smaller`);
}
