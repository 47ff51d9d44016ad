import { NotAcceptable } from './errors.ts';

interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

/**
 * The offered media type that the client likes best; the first one when it has no opinion. Throws NotAcceptable. Source: RFC 9110, 12.5.1.
 * Only for resources that come in several types: generated clients name whatever the description lists, often the problem document
 * alone, and a resource of one type is of more use to them than a refusal.
 */
export function negotiate(accept: string | undefined, offered: readonly [string, ...string[]]): string {
  if (accept === undefined) return offered[0];
  const ranges = accept.split(',').map(parseRange);
  const liked = offered.map((offer) => ({ offer, quality: qualityOf(offer, ranges) })).filter(({ quality }) => quality > 0);
  const [first, ...rest] = liked;
  if (!first) throw new NotAcceptable(accept, offered);
  return rest.reduce((best, next) => (next.quality > best.quality ? next : best), first).offer;
}

function parseRange(text: string): Range {
  const [media = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const [type = '', subtype = ''] = media.split('/');
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, subtype, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

/** The most specific range decides. */
function qualityOf(offer: string, ranges: readonly Range[]): number {
  const [type, subtype] = offer.split('/');
  const exact = ranges.find((range) => range.type === type && range.subtype === subtype);
  const ofType = ranges.find((range) => range.type === type && range.subtype === '*');
  const any = ranges.find((range) => range.type === '*');
  return (exact ?? ofType ?? any)?.quality ?? 0;
}
