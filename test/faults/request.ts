import { setTimeout as sleep } from 'node:timers/promises';
import { ANSWERS, type Operation } from './answers.ts';
import type { Member } from './member.ts';
import type { Report } from './report.ts';

export interface Request {
  readonly operation: Operation;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly key?: string;
  readonly body?: object;
}

export interface Answer {
  /** 0 when there was none. */
  readonly status: number;
  /** The JSON; null without an answer. */
  readonly body: unknown;
  /** As the ETag says it. */
  readonly revision: number | null;
}

/** Longer than anything takes that ends by itself. */
const PATIENCE_MS = 40_000;

/** Asks an API. What it answers is documented for that operation; it answers at all, unless something happens to it. */
export async function ask(api: Member, request: Request, report: Report): Promise<Answer> {
  const { operation, method, path, key, body } = request;
  const disturbances = api.disturbances();
  const sent = { method, signal: AbortSignal.timeout(PATIENCE_MS), ...(body && { body: JSON.stringify(body) }) };
  const headers = { ...(body && { 'content-type': 'application/json' }), ...(key !== undefined && { 'idempotency-key': key }) };
  try {
    const response = await fetch(`${api.url()}${path}`, { ...sent, headers });
    const text = await response.text();
    const json: unknown = text === '' ? null : JSON.parse(text);
    const replayed = response.headers.has('idempotent-replayed') ? 'replayed' : null;
    const said = [response.status, (json as { code?: string } | null)?.code, replayed].filter(Boolean).join(' ');
    report.answered(`${operation} ${said}`);
    const isDocumented = (ANSWERS[operation] as readonly string[]).includes(said);
    if (!isDocumented) report.violate(`${method} ${path} at ${api.name} answers ${response.status} ${text}\n${loggedOf(api, json)}`);
    return { status: response.status, body: json, revision: revisionOf(response.headers.get('etag')) };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    const why = cause?.code ?? cause?.message ?? name;
    report.answered(`${operation} ${why}`);
    // What is known of a death comes a moment after it.
    await sleep(200);
    if (disturbances === api.disturbances() && disturbances % 2 === 0)
      report.violate(`${method} ${path} at ${api.name}: ${why}, though nothing happened to it`);
    return { status: 0, body: null, revision: null };
  }
}

/** What the API logged about the request that this is the answer to. */
function loggedOf(api: Member, problem: unknown): string {
  const id = (problem as { request_id?: string } | null)?.request_id;
  const lines = api.log().split('\n');
  return lines.filter((line) => id !== undefined && line.includes(id) && line.includes('"error"')).join('\n');
}

function revisionOf(etag: string | null): number | null {
  const digits = /^"(\d+)"$/.exec(etag ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
