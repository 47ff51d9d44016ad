/** The base URL of a service on this host and port. */
export const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Whether only this machine reaches this address. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** What to say of a text for which `toBaseUrl` gives null. */
export const BASE_URL = 'expected the address of a service, such as http://localhost:8080, https://train.example/epochd or localhost:8080';

/**
 * The base URL that a person means by a text, without a slash at its end: "train.example" is http://train.example, and ":8080" is
 * http://localhost:8080. null when the text is no address of a service.
 */
export function toBaseUrl(text: string): string | null {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text.startsWith(':') ? 'localhost' : ''}${text}`;
  // URL takes a number alone for the four bytes of an IPv4 address.
  if (/^\d+$/.test(text) || /\s/.test(text) || !URL.canParse(full)) return null;
  const { protocol, username, password, search, hash } = new URL(full);
  const isPlain = ['http:', 'https:'].includes(protocol) && username + password + search + hash === '';
  return isPlain ? full.replace(/(?<!\/)\/+$/, '') : null;
}
