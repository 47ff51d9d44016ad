import { setImmediate as letThrough } from 'node:timers/promises';
import type { DataShape } from '../contract/data-shape.ts';
import { StorageFull, StorageUnavailable } from '../contract/errors.ts';
import type { Phase } from '../contract/job.ts';
import type { Spec } from '../contract/spec.ts';
import { countBatches } from '../plan/steps.ts';
import type { Claim, Progress } from '../runs/claim.ts';
import type { BatchReport } from '../training/training-run.ts';
import type { Note } from './messages.ts';

/** How long training may keep messages, timers and signals waiting, batches allowing. */
const YIELD_MS = 20;
const WRITE_MS = 500;

export interface ProgressWriter {
  /** Begins a phase in which no batch is trained. */
  enter(phase: Phase, epochsDone: number): Promise<void>;
  onBatch(report: BatchReport): Promise<void>;
}

/**
 * Keeps progress.json and the event loop up to date, both without slowing training down. `trainedMs`: what the claims before this
 * process took.
 */
export function progressWriter(claim: Claim, spec: Spec, { trainRows }: DataShape, trainedMs: number, note: Note): ProgressWriter {
  const show = showing(claim, note);
  const { epochs, batch_size } = spec.training;
  const stepsPerEpoch = countBatches(trainRows, batch_size);
  let yieldedAt = 0;
  let writtenAt = 0;
  let begin: { readonly at: number; readonly steps: number } | null = null;
  const write = (progress: Omit<Progress, 'trainedMs'>): Promise<void> =>
    show({ ...progress, trainedMs: Math.round(trainedMs + performance.now()) });
  return {
    enter: (phase, epochsDone) =>
      write(
        phase === 'finalizing'
          ? { phase, epoch: epochsDone, epochs, step: stepsPerEpoch, stepsPerEpoch, etaAt: null }
          : { phase, epoch: Math.min(epochsDone + 1, epochs), epochs, step: 0, stepsPerEpoch, etaAt: null },
      ),
    async onBatch({ epoch, step }) {
      const now = performance.now();
      const steps = (epoch - 1) * stepsPerEpoch + step;
      begin ??= { at: now, steps };
      if (now - yieldedAt >= YIELD_MS) {
        await letThrough();
        yieldedAt = performance.now();
      }
      if (now - writtenAt < WRITE_MS) return;
      writtenAt = now;
      const etaAt = etaOf(now - begin.at, steps - begin.steps, epochs * stepsPerEpoch - steps);
      await write({ phase: 'training', epoch, epochs, step, stepsPerEpoch, etaAt });
    },
  };
}

/** Progress is only looked at: files that cannot be written do not end a training for its sake. Says so once, until they can be. */
function showing(claim: Claim, note: Note): (progress: Progress) => Promise<void> {
  let isShown = true;
  return async (progress) => {
    try {
      await claim.writeProgress(progress);
      isShown = true;
    } catch (error) {
      if (!(error instanceof StorageFull || error instanceof StorageUnavailable)) throw error;
      if (isShown) note({ reason: error.message }, 'progress cannot be shown: the training goes on');
      isShown = false;
    }
  };
}

/** When `left` steps are done if they go as fast as those `done` in `elapsedMs`; null before the first. */
const etaOf = (elapsedMs: number, done: number, left: number): string | null =>
  done === 0 ? null : new Date(Date.now() + (elapsedMs / done) * left).toISOString();
