import { z } from 'zod';
import { JobNotFound } from '../contract/errors.ts';
import { JOB_STATES, jobSchema } from '../contract/job.ts';
import { inDigits } from '../http/routes/parameters.ts';
import type { Run } from '../runs/run.ts';
import type { Runs } from '../runs/store.ts';
import type { Context } from './context.ts';
import { type Cursor, decodeCursor, encodeCursor, SORTS } from './cursor.ts';
import { presentJob } from './present.ts';

/** Run directories read at the same time. */
const READ_AHEAD = 16;

export const listQuery = z.strictObject({
  state: z.enum(JOB_STATES).optional(),
  created_after: z.iso.datetime({ offset: true }).optional(),
  created_before: z.iso.datetime({ offset: true }).optional(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((filters) => Object.keys(filters).length <= 32, 'expected at most 32 entries')
    .optional()
    .describe('metadata[key]=value: jobs with all of these.')
    .meta({ style: 'deepObject', explode: true }),
  sort: z.enum(SORTS).default('-created_at'),
  limit: inDigits(z.int().min(1).max(100).default(20)),
  cursor: z.string().min(1).optional().describe('next_cursor of the page before.'),
});

export const jobPage = z.object({
  data: z.array(jobSchema),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
});

type ListQuery = z.output<typeof listQuery>;

/** One page of jobs. Runs that appear or vanish meanwhile shift nothing: a page goes on after the id where the last one ended. */
export async function listJobs(context: Context, query: ListQuery): Promise<z.output<typeof jobPage>> {
  const { runs } = context;
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor, query.sort);
  const ids = order(await runs.list(), query.sort, cursor);
  const found: Run[] = [];
  for (let next = 0; next < ids.length && found.length <= query.limit; next += READ_AHEAD) {
    const read = await Promise.all(ids.slice(next, next + READ_AHEAD).map((id) => readIfThere(runs, id)));
    found.push(...read.filter((run) => run !== null).filter((run) => isWanted(run, query)));
  }
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const has_more = last !== undefined && found.length > page.length;
  return {
    data: await Promise.all(page.map((run) => presentJob(context, run))),
    has_more,
    next_cursor: has_more ? encodeCursor({ sort: query.sort, after: last.id }) : null,
  };
}

/** Source: RFC 8288. */
export function nextLink(url: string, cursor: string): string {
  const [path, query = ''] = url.split('?', 2);
  const next = new URLSearchParams(query);
  next.set('cursor', cursor);
  return `<${path}?${next.toString()}>; rel="next"`;
}

function order(newestFirst: readonly string[], sort: Cursor['sort'], cursor: Cursor | null): readonly string[] {
  if (sort === 'created_at') return newestFirst.toReversed().filter((id) => cursor === null || id > cursor.after);
  return newestFirst.filter((id) => cursor === null || id < cursor.after);
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
