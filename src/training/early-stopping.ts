import type { Spec } from '../contract/spec.ts';
import { type Best, isImprovement } from './monitor.ts';

type Options = NonNullable<Spec['callbacks']['early_stopping']>;

export interface EarlyStopping {
  /** The epoch whose weights are restored: the first one until another is better. */
  readonly best: Best | null;
  /** Epochs since the best one. */
  readonly wait: number;
  readonly stopped: boolean;
}

export const initialEarlyStopping: EarlyStopping = { best: null, wait: 0, stopped: false };

/** What Keras' EarlyStopping does when an epoch ends. Source: keras/src/callbacks/early_stopping.py (3.15). */
export function advanceEarlyStopping(state: EarlyStopping, options: Options, epoch: Best): EarlyStopping {
  if (isImprovement(options.monitor, epoch.value, state.best?.value ?? null, options.min_delta)) {
    return { best: epoch, wait: 0, stopped: false };
  }
  const wait = state.wait + 1;
  return { best: state.best ?? epoch, wait, stopped: wait >= options.patience && epoch.epoch > 1 };
}
