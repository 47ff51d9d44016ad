import { setImmediate as letThrough } from 'node:timers/promises';
import type { DataShape } from '../contract/data-shape.ts';
import type { Phase } from '../contract/job.ts';
import type { Progress } from '../contract/progress.ts';
import type { Spec } from '../contract/spec.ts';
import { countBatches } from '../plan/extent.ts';
import type { BatchReport } from '../training/training-run.ts';

/** How long training may keep messages, timers and signals waiting, batches allowing. */
const YIELD_MS = 20;
const TELL_MS = 500;

export interface ProgressWriter {
  /** Begins a phase in which no batch is trained. */
  enter(phase: Phase, epochsDone: number): void;
  onBatch(report: BatchReport): Promise<void>;
}

/** Tells how far the training is, and keeps the event loop up to date, both without slowing training down. */
export function progressWriter(spec: Spec, { trainRows }: DataShape, tell: (progress: Omit<Progress, 'claim'>) => void): ProgressWriter {
  const { epochs, batch_size } = spec.training;
  const stepsPerEpoch = countBatches(trainRows, batch_size);
  let yieldedAt = 0;
  let toldAt = 0;
  let begin: { readonly at: number; readonly steps: number } | null = null;
  return {
    enter: (phase, epochsDone) =>
      tell(
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
      if (now - toldAt < TELL_MS) return;
      toldAt = now;
      const etaAt = etaOf(now - begin.at, steps - begin.steps, epochs * stepsPerEpoch - steps);
      tell({ phase: 'training', epoch, epochs, step, stepsPerEpoch, etaAt });
    },
  };
}

/** When `left` steps are done if they go as fast as those `done` in `elapsedMs`; null before the first. */
const etaOf = (elapsedMs: number, done: number, left: number): string | null =>
  done === 0 ? null : new Date(Date.now() + (elapsedMs / done) * left).toISOString();
