import { z } from 'zod';
import { parseRedisUrl } from '../../scripts/redis-address.mjs';

/** REDIS_URL as an address. */
export const redisAddress = z.string().transform((text, context) => {
  try {
    return parseRedisUrl(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});

/** What may be shown of a REDIS_URL that cannot be parsed: scheme and host, and the host only if no part of a password can be in it. */
export function withoutCredentials(text: string): string {
  const [, scheme = '', rest = ''] = /^([a-z+]+:\/\/)?(.*)$/is.exec(text.trim()) ?? [];
  const at = rest.lastIndexOf('@');
  const end = rest.indexOf('?');
  const host = at < 0 && end < 0 ? rest : rest.slice(at + 1, end < 0 ? undefined : Math.max(end, at + 1));
  const isPlain = !(end >= 0 && end < at) && !/:(?!\d{1,5}(?:[/,]|$))/.test(host);
  return `${scheme}${at >= 0 ? '[redacted]@' : ''}${isPlain ? host : '[redacted]'}${end > at ? '?[redacted]' : ''}`;
}
