import type { Spec } from '../contract/spec.ts';
import { isImprovement } from './monitor.ts';

type Options = NonNullable<Spec['callbacks']['reduce_lr_on_plateau']>;

export interface Plateau {
  readonly best: number | null;
  /** Epochs without improvement. */
  readonly wait: number;
  /** Epochs left until waiting begins again. */
  readonly cooldown: number;
}

export const initialPlateau: Plateau = { best: null, wait: 0, cooldown: 0 };

/**
 * What Keras' ReduceLROnPlateau does when an epoch ends: its next state, and the learning rate of the next epoch. The learning
 * rate is a float32, as Keras keeps it. Source: keras/src/callbacks/reduce_lr_on_plateau.py (3.15).
 */
export function advancePlateau(
  state: Plateau,
  options: Options,
  value: number | null,
  learningRate: number,
): { readonly plateau: Plateau; readonly learningRate: number } {
  const cooldown = Math.max(0, state.cooldown - 1);
  if (isImprovement(options.monitor, value, state.best, options.min_delta)) {
    return { plateau: { best: value, wait: 0, cooldown }, learningRate };
  }
  if (cooldown > 0) return { plateau: { best: state.best, wait: 0, cooldown }, learningRate };
  const wait = (state.cooldown > 0 ? 0 : state.wait) + 1;
  if (wait < options.patience || learningRate <= Math.fround(options.min_lr)) {
    return { plateau: { best: state.best, wait, cooldown }, learningRate };
  }
  return {
    plateau: { best: state.best, wait: 0, cooldown: options.cooldown },
    learningRate: Math.fround(Math.max(learningRate * options.factor, options.min_lr)),
  };
}
