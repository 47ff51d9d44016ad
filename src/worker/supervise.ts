import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  type EpochdError,
  FenceLost,
  JobNotFound,
  MemoryExceeded,
  RunMissing,
  RuntimeExceeded,
  StorageFull,
  StorageUnavailable,
} from '../contract/errors.ts';
import { isTerminal } from '../contract/job.ts';
import type { Verdict } from '../queue/consumer.ts';
import type { End } from '../runs/lifecycle.ts';
import type { RunRecord } from '../runs/record.ts';
import type { Runs } from '../runs/store.ts';
import type { Ending } from '../trainer/messages.ts';
import { ReportedError } from '../trainer/reported-error.ts';
import { stopFor, stopTrainer } from './stops.ts';
import type { TrainerProcess } from './trainer-process.ts';

/**
 * What a trainer may take beyond its estimate, which holds for the core within a third; TensorFlow and CUDA have buffers of their own.
 */
const MEMORY_FACTOR = 1.5;
const MEMORY_SLACK = 2 ** 30;

const PACE = {
  /** How often the run's record is looked at: it is what a cancel, and a worker that takes the run over, write to. */
  watchMs: 200,
  /** Pauses before the end of a trainer is recorded again when files cannot be written: a short failure is nobody's attempt. */
  recordAgainMs: [200, 400, 800, 1_600],
};

/** How long a run may train. */
export interface RuntimeBound {
  /** Over all claims; null: as long as it takes. */
  readonly seconds: number | null;
  /** What says so. */
  readonly source: string;
  /** How long the run has trained by now, over all claims, by clocks that nobody sets. */
  readonly trainedMs: () => number;
}

export interface Supervision {
  readonly runs: Runs;
  readonly id: string;
  /** As the claim left it. */
  readonly record: RunRecord;
  readonly runtime: RuntimeBound;
  /** By estimate, in bytes. */
  readonly memoryBytes: number;
  readonly trainer: TrainerProcess;
  /** Aborts when the worker shuts down or may have lost the run: it is given back. */
  readonly giveBack: AbortSignal;
  readonly log: Logger;
}

/**
 * Sees a trainer through to its end and records what became of the run. Throws what may pass, for the queue to try again: a ReportedError
 * that is retryable, RunMissing, StorageFull, StorageUnavailable; and RunDamaged.
 */
export async function supervise(supervision: Supervision, pace = PACE): Promise<Verdict> {
  const { trainer, giveBack } = supervision;
  const handOver = (): void => trainer.stop('hand_over');
  giveBack.addEventListener('abort', handOver);
  if (giveBack.aborted) handOver();
  const ended = new AbortController();
  const watched = watch(supervision, ended.signal, pace.watchMs);
  const ending = await trainer.ended;
  ended.abort();
  giveBack.removeEventListener('abort', handOver);
  return recordPatiently(supervision, ending, await watched, pace.recordAgainMs);
}

/** Stops the trainer as soon as the record, the clock or its memory says so. Resolves to the error that the run then ends with, if any. */
async function watch(
  { runs, id, record, runtime, memoryBytes, trainer, log }: Supervision,
  ended: AbortSignal,
  watchMs: number,
): Promise<EpochdError | null> {
  const limitMs = 1000 * (runtime.seconds ?? Number.POSITIVE_INFINITY);
  let isRead = true;
  while (!ended.aborted) {
    if (runtime.trainedMs() >= limitMs) {
      trainer.stop('cancel');
      return new RuntimeExceeded(`training took longer than ${runtime.source}, ${runtime.seconds}, over all attempts`);
    }
    const tooMuch = checkMemory(memoryBytes, await trainer.memory());
    if (tooMuch) {
      trainer.kill();
      return tooMuch;
    }
    try {
      const present = await runs.readRecord(id);
      isRead = true;
      stopTrainer(trainer, stopFor(present, record.claim));
    } catch (error) {
      if (error instanceof JobNotFound) trainer.kill();
      else if (isRead) log.warn({ err: error }, 'the record of the run cannot be read: the training goes on');
      isRead = false;
    }
    // Rejects only when the trainer ended, which the loop looks at itself.
    await sleep(watchMs, undefined, { signal: ended }).catch(() => undefined);
  }
  return null;
}

function checkMemory(estimate: number, taken: number | null): MemoryExceeded | null {
  const limit = MEMORY_FACTOR * estimate + MEMORY_SLACK;
  if (taken === null || taken <= limit) return null;
  const [estimated, allowed, actual] = [estimate, limit, taken].map((bytes) => (bytes / 2 ** 30).toFixed(2));
  return new MemoryExceeded(
    `the training process took ${actual} GiB of memory: expected about ${estimated} GiB by the estimate, and at most ${allowed} GiB`,
  );
}

async function recordPatiently(
  supervision: Supervision,
  ending: Ending,
  exceeded: EpochdError | null,
  pausesMs: readonly number[],
): Promise<Verdict> {
  const { log, giveBack } = supervision;
  for (const pauseMs of pausesMs) {
    try {
      return await record(supervision, ending, exceeded);
    } catch (error) {
      const mayPass = error instanceof StorageFull || error instanceof StorageUnavailable;
      if (!mayPass || giveBack.aborted) throw error;
      log.warn({ err: error }, 'the end of the training cannot be recorded yet');
      await sleep(pauseMs);
    }
  }
  return record(supervision, ending, exceeded);
}

/** Whoever cancelled meanwhile is heeded by the move that ends the claim. */
async function record(
  { runs, id, record: { claim }, runtime, log }: Supervision,
  ending: Ending,
  exceeded: EpochdError | null,
): Promise<Verdict> {
  const how = endOf(ending, exceeded);
  if (how.type === 'failed') log.warn({ err: how.error }, 'training failed');
  try {
    const after = await runs.end(id, claim, how, runtime.trainedMs());
    // For the queue to try again after a pause.
    if (how.type === 'failed' && how.error.retryable && !isTerminal(after.state)) throw how.error;
    return verdict(after);
  } catch (error) {
    if (error instanceof JobNotFound) throw new RunMissing(`${id}: its run directory went away while it was trained`, { cause: error });
    if (!(error instanceof FenceLost)) throw error;
    log.warn({ err: error }, 'what the trainer did counts no more');
    return 'not_mine';
  }
}

function endOf(ending: Ending, exceeded: EpochdError | null): End {
  if (ending.type === 'finished') return ending;
  if (ending.type === 'failed') return { type: 'failed', error: new ReportedError(ending.error) };
  return exceeded ? { type: 'failed', error: exceeded } : { type: 'handed_over' };
}

const verdict = ({ state }: RunRecord): Verdict => (isTerminal(state) ? 'done' : 'give_back');
