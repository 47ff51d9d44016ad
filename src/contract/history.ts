/** Values by name, as in Keras' logs: loss, metrics, their val_ twins, learning_rate. */
export type Logs = Readonly<Record<string, number | null>>;

/** One finished epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Optimizer steps of the whole run that were done when the epoch ended. */
  readonly step: number;
  readonly logs: Logs;
}

/** The loss of one batch. */
export interface MetricPoint {
  /** From 1. */
  readonly epoch: number;
  /** Optimizer steps of the whole run, this one included. */
  readonly step: number;
  readonly loss: number | null;
}

/** The value; null for NaN and the infinities, which JSON cannot hold. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
