import { clientText } from '../contract/client-text.ts';
import { isTerminal, type Job, type JobError, type JobState, type JobTransition } from '../contract/job.ts';
import type { Progress } from '../contract/progress.ts';
import { countBatches } from '../plan/extent.ts';
import type { Run } from '../runs/run.ts';

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
