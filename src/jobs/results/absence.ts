import type { EpochRecord } from '../../contract/history.ts';
import { isTerminal } from '../../contract/job.ts';
import type { Run } from '../../runs/run.ts';

/* Why a result is not there: it is still to come, or it will not come any more. */

export const whyNoCheckpoint = (run: Run): string =>
  isTerminal(run.record.state)
    ? `${run.id} has no checkpoint: ${endOf(run)} before an epoch ended`
    : `${run.id} has no checkpoint yet: the first one is written when an epoch ends`;

export const whyNoManifest = (run: Run): string =>
  isTerminal(run.record.state)
    ? `${run.id} has no manifest: ${endOf(run)} before a training began`
    : `${run.id} has no manifest yet: it is written when training begins`;

/** For the plot; null when there is something to draw. */
export function whyNoCurve({ record }: Run, history: readonly EpochRecord[]): string | null {
  const isDrawn = history.some(({ logs }) => typeof logs.loss === 'number' || typeof logs.val_loss === 'number');
  if (isDrawn) return null;
  if (history.length > 0) return 'no epoch had a finite loss';
  return isTerminal(record.state) ? `${record.state} before an epoch ended` : 'no epoch has ended yet';
}

const endOf = ({ record: { state, reason } }: Run): string => `it ${state === 'cancelled' ? 'was cancelled' : `${state} (${reason})`}`;
