/**
 * The text without the user and password of the URLs in it, also where a password holds characters that should have been escaped,
 * and without the parameters of Redis' URLs.
 */
export const withoutPasswords = (text: string): string =>
  text.replace(/([a-z+]{0,16}):\/\/([^\s"]+)/gi, (_, scheme: string, rest: string) => {
    const query = isRedis(scheme) ? rest.indexOf('?') : -1;
    const shown = query < 0 ? rest : `${rest.slice(0, query)}?[redacted]`;
    const end = shown.lastIndexOf('@');
    return `${scheme}://${end < 0 ? shown : `[redacted]${shown.slice(end)}`}`;
  });

const isRedis = (scheme: string): boolean => /^(rediss?(\+[a-z]+)?|unix)$/i.test(scheme);
