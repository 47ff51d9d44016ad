import type { ErrorKind } from './errors.ts';

/** Where the text names places on the server: quoted paths, URLs, bare paths, addresses, and the host that a system's code is about. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/'[^'/\n]*\/[^'\n]*'|"[^"/\n]*\/[^"\n]*"/g, '[path]'],
  [/[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"',;)]+/gi, '[address]'],
  // Folders have names with blanks in them: the path goes on after one when a slash follows soon.
  [/(?<=^|[\s(=])~?\.{0,2}\/[^\s:;,'"()]*(?: (?:[^\s:;,'"()/]+ ){0,2}[^\s:;,'"()/]*\/[^\s:;,'"()]*)*/g, '[path]'],
  [/\b(E[A-Z]{4,16}|EAI_[A-Z]{1,16}|getaddrinfo [A-Z_]{1,16}) [^\s:;,)[]+(:\d+)?/g, '$1 [address]'],
  [/(?<![\w.])\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?/g, '[address]'],
  [/\[[0-9a-f]{0,4}:[0-9a-f:.]+\](:\d{1,5})?|(?<![\w:])[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f]{1,4}(?![\w:])/gi, '[address]'],
  [/(?<![\w.-])[a-z][a-z0-9-]{0,62}(\.[a-z0-9-]{1,63}){0,8}:\d{2,5}\b/gi, '[address]'],
];

/**
 * What clients are told of an error. An error that is not their own fault may name paths and addresses of the server: these are for its
 * operator, who finds the whole text in the log.
 */
export const clientText = (kind: ErrorKind, message: string): string =>
  kind === 'user' ? message : PLACES.reduce((text, [place, name]) => text.replace(place, name), message);
