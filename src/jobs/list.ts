import { JobNotFound } from '../contract/errors.ts';
import type { Job, JobState } from '../contract/job.ts';
import type { Run } from '../runs/run.ts';
import type { Runs } from '../runs/store.ts';
import type { Jobs } from './context.ts';
import { presentJob } from './present.ts';

/** Run directories read at the same time. */
const READ_AHEAD = 16;

export const SORTS = ['-created_at', 'created_at'] as const;

/** Jobs that are asked for: those that meet every condition, in order of their creation. */
export interface ListQuery {
  readonly state?: JobState | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly sort: (typeof SORTS)[number];
  readonly limit: number;
}

export interface JobPage {
  readonly data: Job[];
  /** The id that the next page goes on after; null when this is the last one. */
  readonly next: string | null;
}

/** One page of jobs. Runs that appear or vanish meanwhile shift nothing: a page goes on after the id where the last one ended. */
export async function listJobs(jobs: Jobs, query: ListQuery, after: string | null): Promise<JobPage> {
  const { runs } = jobs;
  const ids = order(await runs.list(), query.sort, after);
  const found: Run[] = [];
  for (let next = 0; next < ids.length && found.length <= query.limit; next += READ_AHEAD) {
    const read = await Promise.all(ids.slice(next, next + READ_AHEAD).map((id) => readIfThere(runs, id)));
    found.push(...read.filter((run) => run !== null).filter((run) => isWanted(run, query)));
  }
  const page = found.slice(0, query.limit);
  return {
    data: await Promise.all(page.map((run) => presentJob(jobs, run))),
    next: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}

function order(newestFirst: readonly string[], sort: ListQuery['sort'], after: string | null): readonly string[] {
  if (sort === 'created_at') return newestFirst.toReversed().filter((id) => after === null || id > after);
  return newestFirst.filter((id) => after === null || id < after);
}

async function readIfThere(runs: Runs, id: string): Promise<Run | null> {
  try {
    return await runs.read(id);
  } catch (error) {
    if (error instanceof JobNotFound) return null;
    throw error;
  }
}

function isWanted({ record, spec }: Run, { state, created_after, created_before, metadata = {} }: ListQuery): boolean {
  const created = Date.parse(record.transitions[0]?.at ?? '');
  return (
    (state === undefined || record.state === state) &&
    (created_after === undefined || created > Date.parse(created_after)) &&
    (created_before === undefined || created < Date.parse(created_before)) &&
    Object.entries(metadata).every(([key, value]) => Object.hasOwn(spec.metadata, key) && spec.metadata[key] === value)
  );
}
