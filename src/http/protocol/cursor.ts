import { RequestInvalid } from './errors.ts';

/** Where a page of jobs ended, as text that means nothing to clients: ids rise with the time of creation. */
export const encodeCursor = (sort: string, after: string): string => Buffer.from(`${sort} ${after}`).toString('base64url');

/** The id that the page before ended with. Throws RequestInvalid for what `encodeCursor` did not give for this sort. */
export function decodeCursor(text: string, sort: string): string {
  const [given, after, ...rest] = Buffer.from(text, 'base64url').toString().split(' ');
  if (given === sort && after !== undefined && rest.length === 0) return after;
  throw new RequestInvalid([
    { pointer: '/cursor', detail: `expected next_cursor of a page with sort=${sort}, got ${JSON.stringify(text.slice(0, 100))}` },
  ]);
}

/** Source: RFC 8288. */
export function nextLink(url: string, cursor: string): string {
  const [path, query = ''] = url.split('?', 2);
  const next = new URLSearchParams(query);
  next.set('cursor', cursor);
  return `<${path}?${next.toString()}>; rel="next"`;
}
