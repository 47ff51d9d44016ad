import { z } from 'zod';
import { specShape } from './spec.ts';

/*
 *            claim            record
 *   queued ---------> running -------> succeeded | failed
 *     |  ^              |  ^ |
 *     |  |  hand over,  |  | |cancel
 *     |  +---retry------+  | v
 *     |                  cancelling ----> cancelled
 *     +--------- cancel ------------------^
 *
 * damaged: the files of the job cannot be read; it can be deleted.
 */
export const JOB_STATES = ['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'damaged'] as const;
export const TERMINAL_STATES = ['succeeded', 'failed', 'cancelled', 'damaged'] as const;
export const PHASES = ['preparing', 'training', 'recovering', 'finalizing'] as const;

export type JobState = (typeof JOB_STATES)[number];

/** What a record says: `damaged` is what a reader finds, and of a run that is gone nobody is told. */
export type RecordedState = Exclude<JobState, 'damaged'> | 'withdrawn' | 'deleted';

export type Phase = (typeof PHASES)[number];

export const isTerminal = (state: JobState | RecordedState): boolean => (TERMINAL_STATES as readonly string[]).includes(state);

const time = z.iso.datetime();
const seconds = z.number().min(0);
const state = z.enum(JOB_STATES);

export const jobIdSchema = z.string().regex(/^job_[0-9A-HJKMNP-TV-Z]{26}$/, 'expected an id such as job_01ARZ3NDEKTSV4RRFFQ69G5FAV');

const jobError = z.object({
  kind: z.enum(['user', 'data', 'numeric', 'infrastructure', 'timeout']),
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
});

const transition = z.object({
  from: state.nullable(),
  to: state,
  at: time,
  reason: z.string(),
  attempt: z.int().min(0),
});

/** The job resource. `null` means "not known yet". Numbers that are not finite are null. */
export const jobSchema = z.object({
  id: jobIdSchema,
  name: z.string(),
  state,
  is_terminal: z.boolean(),
  state_reason: z.string().describe('Why it is in this state: submitted, claimed, completed, early_stopped, ...'),
  phase: z.enum(PHASES).nullable().describe('Where a running job is.'),
  revision: z.int().min(1).describe('Rises once an epoch and on every change of state. Also the ETag.'),
  attempt: z.int().min(0).describe('How often training was started, hand-overs between workers not counted.'),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  spec: specShape.nullable().describe('null when it cannot be read any more: the job is damaged.'),
  progress: z
    .object({
      epoch: z.int(),
      epochs: z.int(),
      step: z.int(),
      steps_per_epoch: z.int(),
      fraction: z.number().min(0).max(1),
      eta_at: time.nullable(),
    })
    .nullable()
    .describe('epoch counts from 1: the one in work, or the last one done. step counts within that epoch.'),
  queue_position: z.int().min(1).nullable(),
  metrics: z.record(z.string(), z.number().nullable()).describe('The last epoch.'),
  best: z.object({ epoch: z.int(), monitor: z.string(), value: z.number().nullable() }).nullable(),
  transitions: z.array(transition),
  durations: z.object({ queued: seconds, running: seconds, total: seconds }).describe('Seconds.'),
  error: jobError.nullable(),
  metadata: z.record(z.string(), z.string()),
  links: z.record(z.string(), z.string()),
});

export type Job = z.infer<typeof jobSchema>;
export type JobError = z.infer<typeof jobError>;
export type JobTransition = z.infer<typeof transition>;
