import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HostNotAllowed, RequestInvalid } from './errors.ts';

/** By which names this service may be called. */
export interface OwnNames {
  /** Answer only requests for this machine's own names. */
  readonly loopbackOnly: boolean;
  /** Names beside those that follow from `loopbackOnly`, with a port or without. */
  readonly allowedHosts: readonly string[];
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** Ends of names that nobody can register: what they resolve to is decided inside a network. */
const PRIVATE = /\.(localhost|local|internal|lan|home|home\.arpa|intranet|corp|private|test|svc)$/;
/** Node tells of the first of several; who stands before it may have looked at the last. */
const SINGLE = ['Host', 'Content-Type'];

/**
 * A page on another site must not act here through its visitor's browser. Browsers say where a page comes from in Origin, and by no
 * means always in Sec-Fetch-Site. And the Host header must be a name that this service may have: otherwise a name under foreign control that
 * resolves to this machine would make such a page a page of this site (DNS rebinding). Whoever sends neither is no browser.
 */
export function guardAgainstOtherSites(app: FastifyInstance, names: OwnNames): void {
  const own = { ...names, allowedHosts: [...names.allowedHosts, hostname()].map((name) => name.toLowerCase()) };
  app.addHook('onRequest', async (request) => {
    refuseRepeated(request);
    refuseForeignHost(request, own);
    if (!SAFE_METHODS.includes(request.method)) refuseForeignPage(request, own);
  });
}

function refuseRepeated({ raw }: FastifyRequest): void {
  const repeated = SINGLE.filter((name) => (raw.headersDistinct?.[name.toLowerCase()]?.length ?? 0) > 1);
  if (repeated.length === 0) return;
  throw new RequestInvalid(repeated.map((name) => ({ pointer: `/${name}`, detail: 'came more than once: expected one such header' })));
}

function refuseForeignHost({ headers: { host } }: FastifyRequest, own: OwnNames): void {
  if (host === undefined || isOwn(host, own)) return;
  const expected = own.loopbackOnly
    ? 'this service listens for its own machine only, expected localhost'
    : 'expected an address, a name without a dot, or a name in a private network';
  throw new HostNotAllowed(`Host: ${host}: ${expected}; other names are set by EPOCHD_ALLOWED_HOSTS or EPOCHD_PUBLIC_URL`);
}

function isOwn(host: string, { loopbackOnly, allowedHosts }: OwnNames): boolean {
  const [, name = ''] = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/.exec(host.toLowerCase()) ?? [];
  if (name === '') return false;
  if (allowedHosts.includes(name) || allowedHosts.includes(host.toLowerCase())) return true;
  if (loopbackOnly) return LOOPBACK.test(name);
  return !name.includes('.') || isIP(name.replace(/^\[|\]$/g, '')) > 0 || PRIVATE.test(name);
}

function refuseForeignPage({ headers }: FastifyRequest, { allowedHosts }: OwnNames): void {
  const { origin, host, 'sec-fetch-site': site } = headers;
  const isOfThisSite = origin === undefined ? [undefined, 'same-origin', 'none'].includes(site) : isSame(origin, host, allowedHosts);
  if (isOfThisSite) return;
  throw new HostNotAllowed(
    `Origin: ${origin ?? site}: a page of another site must not change anything here; expected one of ${host}, or of a host in EPOCHD_ALLOWED_HOSTS or EPOCHD_PUBLIC_URL`,
  );
}

/** Also behind a proxy that ends TLS, and under an allowed host when a proxy calls this service by a name of its own. */
function isSame(origin: string, host: string | undefined, allowedHosts: readonly string[]): boolean {
  if (!URL.canParse(origin)) return false;
  const { host: page, protocol } = new URL(origin);
  const own = `${protocol}//${host ?? ''}`;
  return page !== '' && (allowedHosts.includes(page) || (URL.canParse(own) && new URL(own).host === page));
}
