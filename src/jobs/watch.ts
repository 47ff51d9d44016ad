import { isTerminal } from '../contract/job.ts';
import type { DamagedRun, Run } from '../runs/run.ts';
import type { Jobs } from './context.ts';

/**
 * The run as it is once its revision is none that `isKnown` knows (without it: not that of now) any more, or after `seconds`, or
 * when `signal` aborts. A run that has ended, or that is damaged, is not waited for. Throws JobNotFound.
 */
export async function readWhenChanged(
  { runs, revisions }: Pick<Jobs, 'runs' | 'revisions'>,
  id: string,
  isKnown: ((revision: number) => boolean) | null,
  seconds: number,
  signal: AbortSignal,
): Promise<Run | DamagedRun> {
  const run = await runs.find(id);
  if ('damage' in run) return run;
  const isNews = isKnown !== null && !isKnown(run.revision);
  if (seconds === 0 || isNews || isTerminal(run.record.state)) return run;
  await revisions.changed(id, run.revision, AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]));
  return runs.find(id);
}
