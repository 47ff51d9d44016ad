import type { Job, JobState } from '../contract/job.ts';
import { spellOut } from '../contract/plain-text.ts';
import { formatBar, formatEpoch, logsOfEpoch } from './keras-lines.ts';
import type { Sight } from './watch-job.ts';

const ERASE_LINE = '\r\u001b[K';

/** Where a follower's lines go: a terminal, or a file that is read by programs. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Prints what is new about a job each time it is called: changes of state, then for each epoch the two lines of Keras. On a
 * terminal a bar shows the steps of the epoch in work. `now` gives milliseconds: an epoch is timed when both its ends were seen.
 */
export function createPrinter(output: Output, now: () => number = Date.now): (sight: Sight) => void {
  let before: JobState | null = null;
  let printed = 0;
  let epochBegan: number | null = null;

  const printEpochs = ({ job, history }: Sight, seconds: number | null): void => {
    for (; printed < history.epoch.length; printed++) {
      const logs = logsOfEpoch(history, printed);
      const steps = job.progress?.steps_per_epoch ?? null;
      output.write(`Epoch ${printed + 1}/${job.spec?.training.epochs}\n${formatEpoch({ steps, seconds, logs })}\n`);
    }
  };

  return (sight) => {
    const { job, history } = sight;
    const fresh = history.epoch.length - printed;
    if (output.isTTY) output.write(ERASE_LINE);
    if (job.state !== before && !job.is_terminal) output.write(`${job.id} is ${job.state}${whyOf(job)}\n`);
    printEpochs(sight, epochBegan === null ? null : (now() - epochBegan) / 1_000 / fresh);
    if (fresh > 0) epochBegan = before === null ? null : now();
    else if (job.phase === 'recovering') epochBegan = null;
    else if (job.phase !== 'training') epochBegan = now();
    before = job.state;
    if (job.is_terminal) output.write(`${describeEnd(job)}\n`);
    else if (output.isTTY) output.write(barOf(job));
  };
}

const whyOf = ({ state, queue_position, phase, state_reason }: Job): string => {
  if (state === 'queued') return queue_position === null ? ` (${state_reason})` : `, number ${queue_position} in line`;
  return phase === null ? '' : ` (${phase})`;
};

function barOf({ progress, phase }: Job): string {
  if (progress === null || phase !== 'training') return phase ?? '';
  return `Epoch ${progress.epoch}/${progress.epochs}  ${formatBar(progress.step, progress.steps_per_epoch)}`;
}

/** One line about a job that has ended. */
export function describeEnd({ id, state, state_reason, best, error }: Job): string {
  if (error) return spellOut(`${id} ${state}: ${error.message} (${error.code})`);
  const merit = best === null ? '' : `; best ${best.monitor} ${best.value?.toFixed(4) ?? 'nan'} in epoch ${best.epoch}`;
  return spellOut(`${id} ${state} (${state_reason})${merit}`);
}
