import { EpochdError, type Problem } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';

/** How much longer an answer may take than the service was asked to hold it. */
const PATIENCE_MS = 15_000;

/** Keras' History: one value for each finished epoch. */
export interface History {
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface JobPage {
  readonly data: readonly Job[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** Thrown when no answer comes from the service: it is not there, it is starting, or it is not epochd. */
export class ServiceUnreachable extends EpochdError {
  readonly code = 'service_unreachable';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
}

/** Thrown when the service answers with a problem (RFC 9457). */
export class RequestRefused extends EpochdError {
  readonly code = 'request_refused';
  readonly kind = 'user';
  readonly status: number;
  constructor(status: number, detail: string, problems: readonly Problem[]) {
    super([detail, ...problems.map(({ pointer, detail }) => `  ${pointer || '/'}: ${detail}`)].join('\n'));
    this.status = status;
  }
}

/** The service as the commands see it. Every method throws ServiceUnreachable and RequestRefused. */
export interface Client {
  /** `spec` is JSON text and is sent as it is: the service says what is wrong with it. */
  submit(spec: string): Promise<Job>;
  get(id: string): Promise<Job>;
  /** The job as soon as it has another revision than `revision`; null when it still has that one after `seconds`. */
  getChanged(id: string, revision: number, seconds: number): Promise<Job | null>;
  history(id: string): Promise<History>;
  list(filters: Readonly<Record<string, string>>): Promise<JobPage>;
  cancel(id: string): Promise<Job>;
  retry(id: string): Promise<Job>;
  delete(id: string): Promise<void>;
}

export function connectClient(url: string): Client {
  const ask = (path: string, init: RequestInit = {}, heldMs = 0): Promise<Response> =>
    request(new URL(`v1/jobs${path}`, url.endsWith('/') ? url : `${url}/`), init, heldMs);
  const jobPath = (id: string): string => `/${encodeURIComponent(id)}`;
  const act = async (id: string, action: string): Promise<Job> => json(await ask(`${jobPath(id)}/${action}`, { method: 'POST' }));

  return {
    submit: async (body) => json(await ask('', { method: 'POST', body, headers: { 'content-type': 'application/json' } })),
    get: async (id) => json(await ask(jobPath(id))),
    async getChanged(id, revision, seconds) {
      const headers = { 'if-none-match': `"${revision}"` };
      const response = await ask(`${jobPath(id)}?wait=${seconds}`, { headers }, seconds * 1_000);
      return response.status === 304 ? null : json(response);
    },
    history: async (id) => json(await ask(`${jobPath(id)}/history`)),
    list: async (filters) => json(await ask(`?${new URLSearchParams(filters).toString()}`)),
    cancel: (id) => act(id, 'cancel'),
    retry: (id) => act(id, 'retry'),
    delete: async (id) => void (await ask(jobPath(id), { method: 'DELETE' })),
  };
}

async function request(url: URL, init: RequestInit, heldMs: number): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(heldMs + PATIENCE_MS) }).catch((cause: Error) => {
    throw new ServiceUnreachable(
      `no epochd answers at ${url.origin} (${reasonOf(cause)}): start one with "epochd serve", or name another by --url or EPOCHD_URL`,
      { cause },
    );
  });
  if (response.ok || response.status === 304) return response;
  throw await refusal(response);
}

async function refusal(response: Response): Promise<EpochdError> {
  if (response.status === 503) return new ServiceUnreachable(`${new URL(response.url).origin} answers 503: ${await response.text()}`);
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) {
    return new ServiceUnreachable(
      `${response.url} answers ${response.status} ${response.statusText}, but not as epochd does: expected a problem document`,
    );
  }
  const { title, detail, errors } = await json<{ title: string; detail?: string; errors?: Problem[] }>(response);
  return new RequestRefused(response.status, detail ?? title, errors ?? []);
}

async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    throw new ServiceUnreachable(`${response.url} broke off in the middle of its answer, or it was no JSON`, { cause });
  }
}

const reasonOf = (error: Error): string => {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? cause?.message ?? error.message;
};
