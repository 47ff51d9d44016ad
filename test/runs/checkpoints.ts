import type { Spec } from '../../src/contract/spec.ts';
import type { Checkpoint } from '../../src/training/checkpoint.ts';
import { advance, initialState, type RunState } from '../../src/training/state.ts';

/** The checkpoint that ends epoch `epochs` of a run with ten steps an epoch and the given validation losses. */
export function checkpointAfter(spec: Spec, valLosses: readonly number[]): Checkpoint {
  let state: RunState = initialState(spec);
  for (const [index, val_loss] of valLosses.entries()) {
    const epoch = index + 1;
    const points = [{ epoch, step: 10 * epoch, loss: val_loss }];
    state = advance(state, { step: 10 * epoch, logs: { loss: val_loss, val_loss }, points }, spec);
  }
  return checkpointOf(state);
}

export const checkpointOf = (state: RunState): Checkpoint => ({
  state,
  weights: [{ name: 'dense/kernel', shape: [2, 2], data: new Float32Array([state.step, 1, -0, Number.NaN]) }],
  optimizer: [{ name: 'dense/kernel:velocity', shape: [2, 2], data: new Float32Array([state.step, 0.1, 2, 3]) }],
});
