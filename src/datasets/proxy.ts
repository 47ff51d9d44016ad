import type { Response } from 'undici';

/** fetch, through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, if they do: Node 20's own does not look at them. */
export async function fetchThroughProxy(url: string, init: { headers: Record<string, string>; signal: AbortSignal }): Promise<Response> {
  // Loaded only for a download: most trainings need none.
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  // A tunnel is for https: many proxies open none to other ports.
  return fetch(url, { ...init, dispatcher: new EnvHttpProxyAgent({ proxyTunnel: false }) });
}
