import { clientText } from '../contract/client-text.ts';
import { isTerminal, type Job, type JobError } from '../contract/job.ts';
import type { Run } from '../runs/run.ts';
import { durationsOf } from './durations.ts';

/** What only the present moment knows. */
export interface Moment {
  /** From 1; null when the run does not wait in the queue. */
  readonly queuePosition: number | null;
  /** Why the last worker that looked at a waiting run could not take it. */
  readonly failure?: JobError | null;
  readonly now: Date;
  /** What links begin with. */
  readonly baseUrl: string;
}

/** A run as clients see it. */
export function jobOf(run: Run, { queuePosition, failure, now, baseUrl }: Moment): Job {
  const { id, spec, record, revision, history } = run;
  const { state, transitions } = record;
  return {
    id,
    name: spec.name,
    state,
    is_terminal: isTerminal(state),
    state_reason: record.reason,
    phase: state === 'running' ? (run.progress?.phase ?? 'preparing') : null,
    revision,
    attempt: record.attempt,
    created_at: transitions[0]?.at ?? now.toISOString(),
    started_at: transitions.find(({ to }) => to === 'running')?.at ?? null,
    finished_at: isTerminal(state) ? (transitions.at(-1)?.at ?? null) : null,
    spec,
    progress: progressOf(run),
    queue_position: state === 'queued' ? queuePosition : null,
    metrics: { ...history.at(-1)?.logs },
    best: bestOf(run),
    transitions: [...transitions],
    durations: durationsOf(transitions, now),
    error: told((state === 'queued' ? failure : null) ?? record.error),
    metadata: spec.metadata,
    links: linksOf(`${baseUrl}/v1/jobs/${id}`),
  };
}

function progressOf({ progress, record }: Run): Job['progress'] {
  if (progress === null) return null;
  const { epoch, epochs, step, stepsPerEpoch } = progress;
  const done = record.state === 'succeeded' ? 1 : ((epoch - 1) * stepsPerEpoch + step) / (epochs * stepsPerEpoch);
  return {
    epoch,
    epochs,
    step,
    steps_per_epoch: stepsPerEpoch,
    fraction: Math.min(1, Math.max(0, done)) || 0,
    eta_at: record.state === 'running' ? progress.etaAt : null,
  };
}

function bestOf({ checkpoints: { best }, spec }: Run): Job['best'] {
  const { monitor } = spec.callbacks.checkpoint;
  return best && { epoch: best.epoch, monitor, value: best.metrics[monitor] ?? null };
}

const told = (error: JobError | null): JobError | null => error && { ...error, message: clientText(error.kind, error.message) };

function linksOf(self: string): Job['links'] {
  const below = ['cancel', 'retry', 'history', 'metrics', 'checkpoints', 'manifest'] as const;
  return {
    self,
    ...Object.fromEntries(below.map((name) => [name, `${self}/${name}`])),
    curves: `${self}/curves.svg`,
    model: `${self}/checkpoints/latest/model`,
  };
}
