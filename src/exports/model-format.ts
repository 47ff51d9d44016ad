import type { Plan } from '../plan/plan.ts';

/** Of the weights of a checkpoint, which lie one after the other in the order of `Plan.weights`, as little-endian float32. */
export interface WeightRange {
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

/** What a file consists of, one part after the other: bytes that were computed, or a range of the weights. */
export type Part = Uint8Array | WeightRange;

/** What is known of the weights without having them in memory. */
export interface WeightsFacts {
  readonly arrays: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Of all of them. */
  readonly bytes: number;
  readonly crc32: number;
}

/** A form in which a model can be taken away. */
export interface ModelFormat {
  readonly mediaType: string;
  /** What the name of such a file ends with. */
  readonly ending: string;
  /** What is in it, and what it is for. */
  readonly description: string;
  /** The same model gives the same parts. Throws RangeError for weights that are not the plan's. */
  parts(plan: Plan, weights: WeightsFacts): readonly Part[];
}
