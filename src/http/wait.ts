import type { ServerResponse } from 'node:http';
import { isTerminal } from '../contract/job.ts';
import type { Context } from '../jobs/context.ts';
import type { Run } from '../runs/run.ts';
import { matchesTag } from './protocol/entity-tag.ts';

/** What may be asked for; an answer is held as long as `Context.heldMs` allows. */
export const MAX_WAIT_SECONDS = 60;

/** By the query, or else by a Prefer header. Source: RFC 7240, 4.3. */
export function waitSecondsOf({ heldMs }: Context, query: number | undefined, prefer: string | undefined): number {
  const [, preferred = '0'] = /(?:^|[,;\s])wait\s*=\s*"?(\d+)/i.exec(prefer ?? '') ?? [];
  return Math.min(query ?? Number(preferred), heldMs / 1_000);
}

/** The run as it is once its revision is not that of `ifNoneMatch` (without one: of now) any more, or after `seconds`. Throws JobNotFound. */
export async function readWhenChanged(
  { runs, watch }: Context,
  id: string,
  ifNoneMatch: string | undefined,
  seconds: number,
  response: ServerResponse,
): Promise<Run> {
  const run = await runs.read(id);
  const isNews = ifNoneMatch !== undefined && !matchesTag(ifNoneMatch, `"${run.revision}"`);
  if (seconds === 0 || isNews || isTerminal(run.record.state)) return run;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  await watch.changed(id, run.revision, AbortSignal.any([gone.signal, AbortSignal.timeout(seconds * 1000)]));
  return runs.read(id);
}
