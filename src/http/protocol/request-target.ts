import type { IncomingMessage } from 'node:http';

/**
 * The path and query of a request, also of one in the absolute form that proxies are sent: then the host in it counts, and not the
 * one in the Host header. Source: RFC 9112, 3.2.2.
 */
export function pathOf({ url = '/', headers }: Pick<IncomingMessage, 'url' | 'headers'>): string {
  const [start = '', authority] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? [];
  if (authority === undefined) return url;
  const path = url.slice(start.length);
  headers.host = authority;
  return path.startsWith('/') ? path : `/${path}`;
}
