import type { ErrorKind } from './errors.ts';

/** What names a place on the server: quoted paths, URLs, bare paths, the host after a code of the system (ENOTFOUND), addresses. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/'[^'/\n]*\/[^'\n]*'|"[^"/\n]*\/[^"\n]*"/g, '[path]'],
  [/[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"',;)]+/gi, '[address]'],
  // Names of folders may hold blanks: a path goes on after a blank when a slash follows within three words.
  [/(?<=^|[\s(=])~?\.{0,2}\/[^\s:;,'"()]*(?: (?:[^\s:;,'"()/]+ ){0,2}[^\s:;,'"()/]*\/[^\s:;,'"()]*)*/g, '[path]'],
  [/\b(E[A-Z]{4,16}|EAI_[A-Z]{1,16}|getaddrinfo [A-Z_]{1,16}) [^\s:;,)[]+(:\d+)?/g, '$1 [address]'],
  [/(?<![\w.])\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?/g, '[address]'],
  [/\[[0-9a-f]{0,4}:[0-9a-f:.]+\](:\d{1,5})?|(?<![\w:])[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f]{1,4}(?![\w:])/gi, '[address]'],
  [/(?<![\w.-])[a-z][a-z0-9-]{0,62}(\.[a-z0-9-]{1,63}){0,8}:\d{2,5}\b/gi, '[address]'],
];

/**
 * What clients are told of an error. The text of an error that is not the client's own fault may name paths and addresses of the server;
 * they are replaced. The server's operator finds the whole text in the log.
 */
export const clientText = (kind: ErrorKind, message: string): string =>
  kind === 'user' ? message : PLACES.reduce((text, [place, name]) => text.replace(place, name), message);
