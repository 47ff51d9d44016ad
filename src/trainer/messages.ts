import type { Progress } from '../contract/progress.ts';
import type { DatasetSettings } from '../datasets/dataset.ts';
import type { TrainerError } from './reported-error.ts';

/*
 *   worker                              trainer
 *     |--- task ----------------------->|   once, first
 *     |<------ note, progress ... ------|   beats go another way: lifeline.ts
 *     |--- stop ----------------------->|   perhaps
 *     |<------ ending ------------------|   once, last; without it the trainer was lost
 */

/** What a trainer needs to know; the spec is in the run directory. */
export interface TrainerTask {
  readonly dataDir: string;
  readonly id: string;
  readonly claim: number;
  readonly attempt: number;
  readonly dataset: DatasetSettings;
  /** epochd's own. */
  readonly version: string;
  readonly beatMs: number;
  /** How long its main thread may compute without coming around. */
  readonly longestCallMs: number;
  /** How long the claims before this one trained. */
  readonly trainedMs: number;
  /** Threads of the engine; null: a share of the cores that its process may use. */
  readonly threads: number | null;
  /** How many trainings share the cores. */
  readonly trainings: number;
}

/** `hand_over` asks for a checkpoint first, `cancel` does not. */
export type StopReason = 'hand_over' | 'cancel';

export type ToTrainer = { readonly type: 'task'; readonly task: TrainerTask } | { readonly type: 'stop'; readonly reason: StopReason };

export type Ending =
  | { readonly type: 'finished'; readonly reason: 'completed' | 'early_stopped' }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly error: TrainerError };

/** A line for the worker's log. */
export type Note = (fields: object, text: string) => void;

/** What a trainer tells while it trains. */
export interface Teller {
  readonly note: Note;
  /** How far it is. */
  progress(progress: Progress): void;
}

export type FromTrainer =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'note'; readonly fields: object; readonly text: string }
  | { readonly type: 'ending'; readonly ending: Ending };
