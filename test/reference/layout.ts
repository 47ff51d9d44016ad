import type { LstmPlan, Plan } from '../../src/plan/plan.ts';

/** In the order of `plan.weights`. */
export type Weights = readonly Float64Array[];

export const directionsOf = ({ bidirectional }: LstmPlan) => (bidirectional ? (['forward', 'backward'] as const) : (['forward'] as const));

/** Where the weights of LSTM layer `index` begin; with the number of layers, where the dense ones begin. */
export const lstmOffset = (plan: Plan, index: number): number =>
  plan.lstm.slice(0, index).reduce((sum, layer) => sum + 3 * directionsOf(layer).length, plan.embedding ? 1 : 0);

/** The masks at one place, one for each gate or one for all; none where nothing is dropped. */
export function findMasks(
  plan: Plan,
  masks: readonly Float32Array[],
  layer: string,
  index: number,
  on: string,
  direction: string,
): readonly Float32Array[] {
  return masks.filter((_, i) => {
    const site = plan.dropoutSites[i]!;
    return site.layer === layer && site.index === index && site.on === on && site.direction === direction;
  });
}
