/** What errors mean that say it in other words. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/Unknown RESP type|Command queue state error/i, 'what answers does not speak the protocol of Redis; if it expects TLS, write rediss://'],
  [/wrong version number|packet length too long|EPROTO/i, 'what answers speaks no TLS; without it, write redis://'],
  [/CROSSSLOT|\bMOVED \d/, 'the server belongs to a Redis Cluster: write redis+cluster://'],
  [/cluster support disabled/i, 'the server belongs to no Redis Cluster: write redis://'],
];

/**
 * Why Redis does not do what was asked, in one line. Errors of ioredis must not be logged themselves: they carry the arguments of
 * the command, and those of a login are a password.
 */
export function reasonOf(error: Error): string {
  const { errors, lastNodeError, code } = error as Error & { errors?: Error[]; lastNodeError?: Error; code?: string };
  const own = error.message || [...new Set(errors?.map(({ message }) => message))].join(', ') || code || error.name;
  const text = lastNodeError ? `${own} (${lastNodeError.message})` : own;
  const meaning = MEANINGS.find(([pattern]) => pattern.test(text))?.[1];
  return (meaning ? `${text}: ${meaning}` : text).replaceAll(/\s+/g, ' ').slice(0, 500);
}

/** What no waiting mends: this user, this database or this kind of address is not for epochd. */
export const isRefusal = (reason: string): boolean =>
  /\b(WRONGPASS|NOAUTH|NOPERM)\b|DB index is out of range|invalid password|cluster support disabled|SELECT is not allowed/i.test(reason);
