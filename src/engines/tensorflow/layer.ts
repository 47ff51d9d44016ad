import type { DropoutSite } from '../../plan/plan.ts';
import type { Tensor } from './binding.ts';
import type { Gradient } from './gradient.ts';
import type { Ops } from './ops.ts';
import type { Sequence } from './sequence.ts';

/** What went through a layer, and the way back for gradients. Its tensors live as long as the running `tidy`. */
export interface Pass {
  readonly output: Tensor;
  backward(gradient: Tensor): {
    /** By the layer's input; null at the first layer. */
    readonly input: Tensor | null;
    /** By its weights, in the plan's order. */
    readonly weights: readonly Gradient[];
  };
}

/** What layers need to know about the batch in work. */
export interface Context {
  readonly ops: Ops;
  readonly sequence: Sequence;
  /** By index in the plan. */
  readonly weight: (index: number) => Tensor;
  /** The dropout mask at a place, [B, width], or [4, B, width] where each gate has its own; null when nothing is dropped there. */
  readonly mask: (place: Pick<DropoutSite, 'layer' | 'index' | 'on' | 'direction'>) => Tensor | null;
}

/** Layers are functions: their weights are the engine's, found by index. */
export type Layer = (context: Context, input: Tensor) => Pass;

/** Multiplies `x` with a mask that is broadcast over it, and the gradient likewise. */
export function drop(ops: Ops, x: Tensor, mask: Tensor | null) {
  const apply = (tensor: Tensor): Tensor => (mask === null ? tensor : ops.multiply(tensor, mask));
  return { output: apply(x), backward: apply };
}
