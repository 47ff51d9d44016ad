import { RequestInvalid } from '../http/protocol/errors.ts';

export const SORTS = ['-created_at', 'created_at'] as const;

/** Where a page of jobs ended: ids rise with the time of creation. */
export interface Cursor {
  readonly sort: (typeof SORTS)[number];
  readonly after: string;
}

export const encodeCursor = ({ sort, after }: Cursor): string => Buffer.from(`${sort} ${after}`).toString('base64url');

/** Throws RequestInvalid for what `encodeCursor` did not give for this sort. */
export function decodeCursor(text: string, sort: Cursor['sort']): Cursor {
  const [given, after, ...rest] = Buffer.from(text, 'base64url').toString().split(' ');
  if (given === sort && after !== undefined && rest.length === 0) return { sort, after };
  throw new RequestInvalid([
    { pointer: '/cursor', detail: `expected next_cursor of a page with sort=${sort}, got ${JSON.stringify(text.slice(0, 100))}` },
  ]);
}
