import type { ServerResponse } from 'node:http';

/** What may be asked for; an answer is held as long as the server allows. */
export const MAX_WAIT_SECONDS = 60;

/** By the query, or else by a Prefer header; no longer than `heldMs`. Source: RFC 7240, 4.3. */
export function waitSecondsOf(heldMs: number, query: number | undefined, prefer: string | undefined): number {
  const [, preferred = '0'] = /(?:^|[,;\s])wait\s*=\s*"?(\d+)/i.exec(prefer ?? '') ?? [];
  return Math.min(query ?? Number(preferred), heldMs / 1_000);
}

/** Aborts when nobody is there any more who could read the answer. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}
