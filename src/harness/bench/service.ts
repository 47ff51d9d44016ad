import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

/** How long something took, once for each time that it was done. */
export interface Latencies {
  readonly what: string;
  readonly count: number;
  readonly median_ms: number;
  readonly p95_ms: number;
  readonly max_ms: number;
}

/** A training that uses the machine for as long as it is measured. */
const ENDLESS = { dataset: { source: 'imdb-mini' }, training: { epochs: 10_000 }, callbacks: { early_stopping: null } };

/** Waits for good. */
const BEHIND = { ...ENDLESS, priority: 1000 };

const LOOK_MS = 5;

/** How long a cancel takes until the trainer is gone, and a POST until its 202 beside a training. Throws when the service refuses. */
export async function timeService(posts: number, cancels: number): Promise<Latencies[]> {
  const service = await startServiceProcess();
  try {
    const cancelled = await timeCancels(service, cancels);
    const posted = await timePosts(service, posts);
    return [latencies('cancel until the trainer is gone', cancelled), latencies('POST until 202, beside a training', posted)];
  } finally {
    await service.stop();
  }
}

async function timeCancels(service: ServiceProcess, count: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const id = await startTraining(service);
    const began = performance.now();
    await service.post(`/v1/jobs/${id}/cancel`);
    while (!(await service.get(`/v1/jobs/${id}`)).is_terminal) await sleep(LOOK_MS);
    times.push(performance.now() - began);
  }
  return times;
}

async function timePosts(service: ServiceProcess, count: number): Promise<number[]> {
  await startTraining(service);
  const times: number[] = [];
  while (times.length < count) {
    const began = performance.now();
    await service.post('/v1/jobs', BEHIND);
    times.push(performance.now() - began);
  }
  return times;
}

/** Resolves to the id once batches are being trained. */
async function startTraining(service: ServiceProcess): Promise<string> {
  const { id } = await service.post('/v1/jobs', ENDLESS);
  for (;;) {
    const { phase, progress, is_terminal } = await service.get(`/v1/jobs/${id}`);
    if (is_terminal) throw new Error(`${id} ended before it trained`);
    if (phase === 'training' && (progress?.step ?? 0) > 0) return id;
    await sleep(10 * LOOK_MS);
  }
}

function latencies(what: string, times: readonly number[]): Latencies {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1));
  return { what, count: sorted.length, median_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}
