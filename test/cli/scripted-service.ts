import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '../../src/contract/job.ts';
import { specShape } from '../../src/contract/spec.ts';

/** A job as the service shows it, for tests of what the commands make of it. */
export const someJob = (changes: Partial<Job> = {}): Job => ({
  id: 'job_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  name: 'imdb-lstm',
  state: 'running',
  is_terminal: false,
  state_reason: 'claimed',
  phase: 'training',
  revision: 2,
  attempt: 1,
  created_at: '2025-01-01T00:00:00.000Z',
  started_at: '2025-01-01T00:00:01.000Z',
  finished_at: null,
  spec: specShape.parse({ dataset: { source: 'imdb-mini' } }),
  progress: { epoch: 1, epochs: 10, step: 0, steps_per_epoch: 313, fraction: 0, eta_at: null },
  queue_position: null,
  metrics: {},
  best: null,
  transitions: [],
  durations: { queued: 1, running: 2, total: 3 },
  error: null,
  metadata: {},
  links: {},
  ...changes,
});

/** A history of losses. */
export const losses = (...values: number[]) => ({ epoch: values.map((_, index) => index + 1), history: { loss: values } });

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A service that answers as it is told, which a real one cannot be made to. */
export async function scriptedService(answer: Answer) {
  const server = createServer(answer);
  let port = 0;
  const open = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  await open();
  return {
    url: `http://127.0.0.1:${port}`,
    open,
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
