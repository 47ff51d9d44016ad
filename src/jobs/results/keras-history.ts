import type { EpochRecord } from '../../contract/history.ts';
import type { Spec } from '../../contract/spec.ts';

export interface KerasHistory {
  readonly epoch: number[];
  readonly history: Record<string, (number | null)[]>;
}

/** Keras' History object. Like Keras it holds the learning rate only when a callback may change it; its epochs count from 1. */
export function kerasHistory(history: readonly EpochRecord[], spec: Pick<Spec, 'callbacks'>): KerasHistory {
  const names = [...new Set(history.flatMap(({ logs }) => Object.keys(logs)))].filter(
    (name) => name !== 'learning_rate' || spec.callbacks.reduce_lr_on_plateau !== null,
  );
  return {
    epoch: history.map(({ epoch }) => epoch),
    history: Object.fromEntries(names.map((name) => [name, history.map(({ logs }) => logs[name] ?? null)])),
  };
}
