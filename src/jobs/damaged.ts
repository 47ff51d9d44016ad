import { decodeTime } from 'ulid';
import { clientText } from '../contract/client-text.ts';
import type { Job } from '../contract/job.ts';
import type { DamagedRun } from '../runs/run.ts';

/** A damaged run as clients see it: what can be read of it, and what is wrong. It can be deleted, and nothing else. */
export function damagedJob({ id, birth, record, damage }: DamagedRun, links: Job['links']): Job {
  const { code, kind, message, retryable } = damage;
  const created = new Date(decodeTime(id.slice('job_'.length))).toISOString();
  return {
    id,
    name: birth?.spec.name ?? id,
    state: 'damaged',
    is_terminal: true,
    state_reason: code,
    phase: null,
    revision: Math.max(1, record?.revision ?? 1),
    attempt: record?.attempt ?? 0,
    created_at: record?.transitions[0]?.at ?? created,
    started_at: null,
    finished_at: null,
    spec: birth?.spec ?? null,
    progress: null,
    queue_position: null,
    metrics: {},
    best: null,
    transitions: [...(record?.transitions ?? [])],
    durations: { queued: 0, running: 0, total: 0 },
    error: { kind, code, message: clientText(kind, message), retryable },
    metadata: birth?.spec.metadata ?? {},
    links,
  };
}
