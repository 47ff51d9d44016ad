import { clientText } from '../contract/client-text.ts';
import { QueueUnavailable } from '../contract/errors.ts';
import { isTerminal, type Job, type JobError, type JobState, type JobTransition, type RecordedState } from '../contract/job.ts';
import type { Progress } from '../contract/progress.ts';
import { countBatches } from '../plan/extent.ts';
import type { DamagedRun, Run } from '../runs/run.ts';
import type { Jobs } from './context.ts';
import { damagedJob } from './damaged.ts';

type Means = Pick<Jobs, 'queue' | 'baseUrl'>;

/** A run as clients see it at this moment. */
export async function presentJob(means: Means, run: Run | DamagedRun): Promise<Job> {
  const [job] = await presentJobs(means, [run]);
  if (!job) throw new Error('unreachable: a job for each run');
  return job;
}

/** Runs as clients see them at this moment: how far they are is asked once for all of them. */
export async function presentJobs({ queue, baseUrl }: Means, runs: readonly (Run | DamagedRun)[]): Promise<Job[]> {
  const progress = await lastHeard(queue, runs);
  return Promise.all(
    runs.map(async (run) =>
      'damage' in run
        ? damagedJob(run, linksOf(`${baseUrl}/v1/jobs/${run.id}`))
        : jobOf(run, { ...(await placeOf(queue, run)), progress: progress.get(run.id) ?? null, now: new Date(), baseUrl }),
    ),
  );
}

/** Of those in work, by id. Reads go on without Redis: then the ends of epochs are all that is known. */
async function lastHeard(queue: Jobs['queue'], runs: readonly (Run | DamagedRun)[]): Promise<Map<string, Progress | null>> {
  const inWork = runs.flatMap((run) => ('damage' in run || !isInWork(run.record.state) ? [] : [run.id]));
  if (inWork.length === 0) return new Map();
  try {
    const found = await queue.progress(inWork);
    return new Map(inWork.map((id, index) => [id, found[index] ?? null]));
  } catch (error) {
    if (error instanceof QueueUnavailable) return new Map();
    throw error;
  }
}

const isInWork = (state: RecordedState): boolean => state === 'running' || state === 'cancelling';

/** Reads go on without Redis: then nobody knows the position. */
async function placeOf(queue: Jobs['queue'], { id, record }: Run): Promise<Omit<Moment, 'now' | 'baseUrl'>> {
  if (record.state !== 'queued') return { queuePosition: null };
  try {
    const queuePosition = await queue.position(id, record.retries);
    return { queuePosition, failure: queuePosition === null ? errorOf(await queue.failure(id, record.retries)) : null };
  } catch (error) {
    if (error instanceof QueueUnavailable) return { queuePosition: null };
    throw error;
  }
}

/** What keeps a worker from even taking a run is not in its record; the worker leaves it with the entry, behind its code. */
function errorOf(failure: string | null): JobError | null {
  const [, code, message] = /^([a-z_]+): (.*)$/s.exec(failure ?? '') ?? [];
  return code === undefined || message === undefined ? null : { kind: 'infrastructure', code, message, retryable: true };
}

/** What only the present moment knows. */
export interface Moment {
  /** From 1; null when the run does not wait in the queue. */
  readonly queuePosition: number | null;
  /** Why the last worker that looked at a waiting run could not take it. */
  readonly failure?: JobError | null;
  /** What was heard of its trainer lately. */
  readonly progress?: Progress | null;
  readonly now: Date;
  /** What links begin with. */
  readonly baseUrl: string;
}

/** A run as clients see it. */
export function jobOf(run: Run, { queuePosition, failure, progress, now, baseUrl }: Moment): Job {
  const { id, spec, record, revision } = run;
  const { transitions } = record;
  // Of a run that is gone nobody is told.
  const state = record.state as JobState;
  const heard = heardOf(run, progress ?? null);
  return {
    id,
    name: spec.name,
    state,
    is_terminal: isTerminal(state),
    state_reason: record.reason,
    phase: state === 'running' ? (heard?.phase ?? (run.epochs === 0 ? 'preparing' : 'training')) : null,
    revision,
    attempt: record.attempt,
    created_at: transitions[0]?.at ?? now.toISOString(),
    started_at: transitions.find(({ to }) => to === 'running')?.at ?? null,
    finished_at: isTerminal(state) ? (transitions.at(-1)?.at ?? null) : null,
    spec,
    progress: progressOf(run, heard),
    queue_position: state === 'queued' ? queuePosition : null,
    metrics: { ...run.last?.logs },
    best: bestOf(run),
    transitions: [...transitions],
    durations: durationsOf(transitions, now),
    error: told((state === 'queued' ? failure : null) ?? record.error),
    metadata: spec.metadata,
    links: linksOf(`${baseUrl}/v1/jobs/${id}`),
  };
}

/** What an older claim said, or what came before the last epoch's end, counts no more. */
function heardOf({ record, epochs }: Run, progress: Progress | null): Progress | null {
  if (progress === null || progress.claim !== record.claim || progress.epoch < epochs) return null;
  return record.state === 'running' || record.state === 'cancelling' ? progress : null;
}

/** Inside an epoch as far as it was heard of, else the end of the last epoch. */
function progressOf({ record, epochs: done, spec, birth }: Run, heard: Progress | null): Job['progress'] {
  const { epochs, batch_size } = spec.training;
  const stepsPerEpoch = countBatches(birth.data.trainRows, batch_size);
  const isInside = heard !== null && heard.epoch > done;
  if (!isInside && done === 0) return null;
  const epoch = isInside ? heard.epoch : done;
  const step = isInside ? heard.step : stepsPerEpoch;
  const fraction = record.state === 'succeeded' ? 1 : ((epoch - 1) * stepsPerEpoch + step) / (epochs * stepsPerEpoch);
  return {
    epoch,
    epochs,
    step,
    steps_per_epoch: stepsPerEpoch,
    fraction: Math.min(1, Math.max(0, fraction)) || 0,
    eta_at: record.state === 'running' ? (heard?.etaAt ?? null) : null,
  };
}

/** Seconds spent waiting and training, over all attempts, up to `now` or the end; to the millisecond, as times are kept. */
export function durationsOf(transitions: readonly JobTransition[], now: Date): Job['durations'] {
  const spent = { queued: 0, running: 0 };
  for (const [index, { to, at }] of transitions.entries()) {
    if (isTerminal(to)) continue;
    const until = transitions[index + 1]?.at;
    // A clock that was set back must not make time negative.
    spent[to === 'queued' ? 'queued' : 'running'] += Math.max(
      0,
      (until === undefined ? now.getTime() : Date.parse(until)) - Date.parse(at),
    );
  }
  const { queued, running } = spent;
  return { queued: queued / 1000, running: running / 1000, total: (queued + running) / 1000 };
}

function bestOf({ checkpoints: { best }, spec }: Run): Job['best'] {
  const { monitor } = spec.callbacks.checkpoint;
  return best && { epoch: best.epoch, monitor, value: best.metrics[monitor] ?? null };
}

const told = (error: JobError | null): JobError | null => error && { ...error, message: clientText(error.kind, error.message) };

export function linksOf(self: string): Job['links'] {
  const below = ['cancel', 'retry', 'history', 'metrics', 'checkpoints', 'manifest'] as const;
  return {
    self,
    ...Object.fromEntries(below.map((name) => [name, `${self}/${name}`])),
    curves: `${self}/curves.svg`,
    model: `${self}/checkpoints/latest/model`,
  };
}
