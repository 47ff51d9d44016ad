/** The best value of a monitored quantity so far, and when it was reached. Epochs count from 1. */
export interface Best {
  readonly epoch: number;
  /** Optimizer steps done by then: the name of the checkpoint that holds its weights. */
  readonly step: number;
  /** null while no epoch gave a finite number. */
  readonly value: number | null;
}

/**
 * Whether `value` beats `best` by more than `minDelta`, as Keras decides it: accuracy should rise, everything else fall; both sides
 * are rounded to float32; the first value wins. Unlike in Keras a value that is no number (null) never wins, not even as the first.
 * Source: keras/src/callbacks/monitor_callback.py (3.15).
 */
export function isImprovement(monitor: string, value: number | null, best: number | null, minDelta = 0): boolean {
  if (value === null) return false;
  if (best === null) return true;
  return isHigherBetter(monitor) ? Math.fround(value - minDelta) > Math.fround(best) : Math.fround(value + minDelta) < Math.fround(best);
}

const isHigherBetter = (monitor: string): boolean => monitor.replace(/^val_/, '') === 'accuracy';
