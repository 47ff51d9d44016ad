import { RangeNotSatisfiable } from './errors.ts';

export interface ByteRange {
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

/**
 * The one range that a Range header asks for, or null for the whole: without the header, in another unit, with several ranges.
 * Throws RangeNotSatisfiable. Source: RFC 9110, 14.2.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  if (start >= size) throw new RangeNotSatisfiable(header ?? '', size);
  return { start, end };
}
