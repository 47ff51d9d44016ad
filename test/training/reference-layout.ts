import type { LstmPlan, Plan } from '../../src/training/plan.ts';

/** In the order of `plan.weights`. */
export type Weights = readonly Float64Array[];

export const directionsOf = ({ bidirectional }: LstmPlan) => (bidirectional ? (['forward', 'backward'] as const) : (['forward'] as const));

/** Where the weights of LSTM layer `index` begin; with the number of layers, where the dense ones begin. */
export const lstmOffset = (plan: Plan, index: number): number =>
  plan.lstm.slice(0, index).reduce((sum, layer) => sum + 3 * directionsOf(layer).length, plan.embedding ? 1 : 0);

/** The mask of one dropout site; null for none. */
export function findMask(
  plan: Plan,
  masks: readonly Float32Array[],
  layer: string,
  index: number,
  on: string,
  direction: string,
): Float32Array | null {
  if (masks.length === 0) return null;
  const site = plan.dropoutSites.findIndex((s) => s.layer === layer && s.index === index && s.on === on && s.direction === direction);
  return masks[site] ?? null;
}
