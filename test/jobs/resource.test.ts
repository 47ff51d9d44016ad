import { describe, expect, it } from 'vitest';
import { type JobTransition, jobSchema } from '../../src/contract/job.ts';
import { durationsOf, jobOf } from '../../src/jobs/resource.ts';
import type { Run } from '../../src/runs/run.ts';
import { birthOf } from '../births.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const transition = (to: JobTransition['to'], second: number, reason = 'because'): JobTransition => ({
  from: null,
  to,
  at: at(second),
  reason,
  attempt: 0,
});

describe('durationsOf', () => {
  it('adds up waiting and training over attempts, until now', () => {
    const transitions = [
      transition('queued', 0),
      transition('running', 2),
      transition('queued', 5),
      transition('running', 6),
      transition('cancelling', 8),
    ];
    expect(durationsOf(transitions, new Date(at(10)))).toEqual({ queued: 3, running: 7, total: 10 });
  });

  it('stands still between an end and a retry', () => {
    const transitions = [transition('queued', 0), transition('running', 1), transition('failed', 4), transition('queued', 30)];
    expect(durationsOf(transitions, new Date(at(31)))).toEqual({ queued: 2, running: 3, total: 5 });
    expect(durationsOf(transitions.slice(0, 3), new Date(at(59)))).toEqual({ queued: 1, running: 3, total: 4 });
  });

  it('has no more digits than the times it comes from', () => {
    const time = (ms: number): string => new Date(Date.UTC(2026) + ms).toISOString();
    const transitions = [
      { ...transition('queued', 0), at: time(0) },
      { ...transition('running', 0), at: time(6) },
    ];
    expect(durationsOf(transitions, new Date(time(3091)))).toEqual({ queued: 0.006, running: 3.085, total: 3.091 });
  });

  it('is never negative, whatever the clock does', () => {
    expect(durationsOf([transition('queued', 5), transition('running', 3)], new Date(at(1)))).toEqual({ queued: 0, running: 0, total: 0 });
  });
});

describe('jobOf', async () => {
  const birth = await birthOf({ dataset: { source: 'imdb-mini' } });
  const run: Run = {
    id: 'job_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    birth,
    spec: birth.spec,
    record: {
      state: 'failed',
      reason: 'not_finite',
      claim: 1,
      attempt: 1,
      fruitless: 0,
      retries: 0,
      revision: 4,
      epochs: 1,
      worker: 'w',
      error: { kind: 'numeric', code: 'not_finite', message: 'the loss is NaN', retryable: false },
      transitions: [transition('queued', 0), transition('running', 1), transition('failed', 3)],
    },
    revision: 4,
    epochs: 1,
    last: { epoch: 1, step: 313, logs: { loss: null, val_loss: 0.6 } },
    checkpoints: { best: null, latest: null },
    trainedMs: 0,
  };
  const job = jobOf(run, { queuePosition: 3, now: new Date(at(9)), baseUrl: '' });

  it('is a job as the contract has it', () => {
    expect(jobSchema.parse(job)).toEqual(job);
  });

  it('tells of a run that has ended how and when, and nothing that only a live one has', () => {
    expect(job).toMatchObject({
      is_terminal: true,
      state_reason: 'not_finite',
      phase: null,
      queue_position: null,
      created_at: at(0),
      started_at: at(1),
      finished_at: at(3),
      metrics: { loss: null, val_loss: 0.6 },
      best: null,
      error: { kind: 'numeric' },
      durations: { queued: 1, running: 2, total: 3 },
    });
    expect(job.progress).toEqual({ epoch: 1, epochs: 10, step: 313, steps_per_epoch: 313, fraction: 0.1, eta_at: null });
  });
});
