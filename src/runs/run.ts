import type { RunDamaged } from '../contract/errors.ts';
import type { EpochRecord } from '../contract/history.ts';
import type { Spec } from '../contract/spec.ts';
import type { Birth } from './birth.ts';
import type { CheckpointIndex } from './checkpoints/entry.ts';
import type { RunRecord } from './record.ts';

/** What a client may read of a run at a glance: bounded, however long it trains. */
export interface Run {
  readonly id: string;
  readonly birth: Birth;
  /** That of the birth certificate. */
  readonly spec: Spec;
  readonly record: RunRecord;
  readonly revision: number;
  /** Epochs done. */
  readonly epochs: number;
  /** The last of them. */
  readonly last: EpochRecord | null;
  readonly checkpoints: CheckpointIndex;
  /** Milliseconds of training over all claims, as far as they are written down. */
  readonly trainedMs: number;
}

/** A run of which something cannot be read: what is left of it. */
export interface DamagedRun {
  readonly id: string;
  readonly birth: Birth | null;
  readonly record: RunRecord | null;
  readonly damage: RunDamaged;
}
