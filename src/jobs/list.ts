import { JobNotFound, RunDamaged } from '../contract/errors.ts';
import type { Job, JobState, RecordedState } from '../contract/job.ts';
import type { RunRecord } from '../runs/record.ts';
import type { DamagedRun, Run } from '../runs/run.ts';
import type { Runs } from '../runs/store.ts';
import type { Jobs } from './context.ts';
import { presentJobs } from './resource.ts';

/** Runs read at the same time. */
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

/**
 * One page of jobs. Runs that appear or vanish meanwhile shift nothing: a page goes on after the id where the last one ended. A run
 * that is damaged is one of the jobs.
 */
export async function listJobs(jobs: Jobs, query: ListQuery, after: string | null): Promise<JobPage> {
  const { runs } = jobs;
  const ids = order(await runs.list(), query.sort, after);
  const found: (Run | DamagedRun)[] = [];
  for (let next = 0; next < ids.length && found.length <= query.limit; next += READ_AHEAD) {
    const read = await Promise.all(ids.slice(next, next + READ_AHEAD).map((id) => unlessGone(() => readWanted(runs, id, query))));
    found.push(...read.filter((run) => run !== null));
  }
  const page = found.slice(0, query.limit);
  return {
    data: await presentJobs(jobs, page),
    next: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
  };
}

function order(newestFirst: readonly string[], sort: ListQuery['sort'], after: string | null): readonly string[] {
  if (sort === 'created_at') return newestFirst.toReversed().filter((id) => after === null || id > after);
  return newestFirst.filter((id) => after === null || id < after);
}

/** null when the run is not asked for: the record alone says so, where it is whole and not older than what is filtered by. */
async function readWanted(runs: Runs, id: string, query: ListQuery): Promise<Run | DamagedRun | null> {
  const record = query.state === 'damaged' ? null : await unlessDamaged(() => runs.readRecord(id));
  if (record?.listed && !isWanted(record.state, record, record.listed.metadata, query)) return null;
  const run = await runs.find(id);
  const state = 'damage' in run ? 'damaged' : run.record.state;
  return isWanted(state, run.record, run.birth?.spec.metadata ?? {}, query) ? run : null;
}

function isWanted(
  now: JobState | RecordedState,
  record: RunRecord | null,
  known: Readonly<Record<string, string>>,
  { state, created_after, created_before, metadata = {} }: ListQuery,
): boolean {
  const created = Date.parse(record?.transitions[0]?.at ?? '');
  return (
    (state === undefined || now === state) &&
    (created_after === undefined || created > Date.parse(created_after)) &&
    (created_before === undefined || created < Date.parse(created_before)) &&
    Object.entries(metadata).every(([key, value]) => Object.hasOwn(known, key) && known[key] === value)
  );
}

const unlessGone = <T>(read: () => Promise<T>): Promise<T | null> => unless(JobNotFound, read);
const unlessDamaged = <T>(read: () => Promise<T>): Promise<T | null> => unless(RunDamaged, read);

async function unless<T>(fault: typeof JobNotFound | typeof RunDamaged, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof fault) return null;
    throw error;
  }
}
