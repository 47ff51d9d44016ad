import type { OptimizerSpec } from '../../../contract/optimizer.ts';
import type { TrainingStep } from '../../../training/engine.ts';
import type { Tensor } from '../binding.ts';
import type { Gradient } from '../gradient.ts';
import type { Ops } from '../ops.ts';

export interface Update {
  readonly weight: Tensor;
  /** New values, under the names of `slotNames`. */
  readonly slots: Readonly<Record<string, Tensor>>;
}

/** One weight's step; `slot` gives what is remembered of it. */
export type UpdateWeight = (gradient: Gradient, weight: Tensor, slot: (name: string) => Tensor) => Update;

/** An optimizer as arithmetic, in the order in which Keras computes, so that float32 rounds alike. */
export interface Rule {
  /** What the slots hold at first. */
  readonly initialValue: number;
  /** Prepares a step: its scalars are made once, for all weights. */
  prepare(ops: Ops, step: Pick<TrainingStep, 'iteration' | 'learningRate'>): UpdateWeight;
}

export type SpecOf<Type extends OptimizerSpec['type']> = Extract<OptimizerSpec, { type: Type }>;

/** base^exponent in float32: Keras computes the powers of its betas so, and 1 - beta^1 amplifies the difference. */
export const float32Power = (base: number, exponent: number): number => Math.fround(Math.fround(base) ** exponent);
