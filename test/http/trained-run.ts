import type { NamedArray } from '../../src/contract/arrays.ts';
import { elements } from '../../src/plan/plan.ts';
import type { Claim } from '../../src/runs/claims/claim.ts';
import type { Runs } from '../../src/runs/store.ts';
import { advance, initialState, keepSteps, type RunState } from '../../src/training/state.ts';
import { CLOCK } from '../births.ts';

/** A run in the hands of a trainer that learns nothing, but writes everything that one writes. */
export interface Training {
  readonly claim: Claim;
  /** Finishes one epoch of two steps with this loss and val_loss. */
  epoch(loss: number, valLoss: number): Promise<void>;
  succeed(reason?: 'completed' | 'early_stopped'): Promise<void>;
}

export async function takeForTraining(runs: Runs, id: string): Promise<Training> {
  const { claim: number } = await runs.claim(id, { worker: 'test', maxAttempts: 3 });
  const claim = await runs.openClaim(id, number, CLOCK);
  const { spec, birth } = await runs.read(id);
  const { weights } = birth.plan;
  let state: RunState = initialState(spec);
  return {
    claim,
    async epoch(loss, valLoss) {
      const epoch = state.history.length + 1;
      const step = 2 * epoch;
      const points = [step - 1, step].map((at) => ({ epoch, step: at, loss }));
      const logs = { loss, accuracy: 0.5, val_loss: valLoss, val_accuracy: 0.5 };
      state = advance(state, { step, logs, points }, spec);
      const arrays = weights.map(
        ({ name, shape }): NamedArray => ({ name, shape, data: new Float32Array(elements(shape)).fill(epoch / 10) }),
      );
      await claim.save({ state, weights: arrays, optimizer: [] }, keepSteps(state, spec));
      await claim.appendHistory(state.history.at(-1) as NonNullable<(typeof state.history)[0]>, points);
    },
    async succeed(reason: 'completed' | 'early_stopped' = 'completed') {
      await claim.finish(state);
      await runs.end(id, number, { type: 'finished', reason: reason }, 0);
    },
  };
}
