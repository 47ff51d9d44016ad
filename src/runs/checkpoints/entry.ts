import type { Logs } from '../../contract/history.ts';

/** What a client may know of a checkpoint. */
export interface CheckpointEntry {
  /** Optimizer steps done. */
  readonly step: number;
  /** Epochs done. */
  readonly epoch: number;
  /** The logs of that epoch. */
  readonly metrics: Logs;
  /** Of the weights. */
  readonly sha256: string;
  /** Bytes of the weights. */
  readonly size: number;
  readonly savedAt: string;
}

/** `latest` is the model as it stands: the newest checkpoint, or after the end the one that training left it with. */
export interface CheckpointIndex {
  readonly best: CheckpointEntry | null;
  readonly latest: CheckpointEntry | null;
}

export const NO_CHECKPOINTS: CheckpointIndex = { best: null, latest: null };
