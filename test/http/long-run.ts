import type { NamedArray } from '../../src/contract/arrays.ts';
import { elements } from '../../src/plan/plan.ts';
import { advance, initialState, keepSteps, type RunState } from '../../src/training/state.ts';
import { CLOCK } from '../births.ts';
import type { Service } from './service.ts';

/** Of each epoch, as many as a batch of one row takes in the largest data set that there is. */
const POINTS = 25_000;

/** Submits a job and lets it end after so many epochs, each with all the points that it may have. */
export async function submitLongRun({ app, runs }: Service, payload: object, epochs: number): Promise<string> {
  const { id } = (await app.inject({ method: 'POST', url: '/v1/jobs', payload })).json();
  const { claim: number } = await runs.claim(id, { worker: 'test', maxAttempts: 3 });
  const claim = await runs.openClaim(id, number, CLOCK);
  const { spec, birth } = await runs.read(id);
  const weights = birth.plan.weights.map(
    ({ name, shape }, index): NamedArray => ({ name, shape, data: new Float32Array(elements(shape)).fill(index + 0.5) }),
  );
  let state: RunState = initialState(spec);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const step = POINTS * epoch;
    const points = Array.from({ length: POINTS }, (_, index) => ({ epoch, step: step - POINTS + index + 1, loss: 0.123_456_789 }));
    state = advance(state, { step, logs: { loss: 0.5, val_loss: 0.5 }, points }, spec);
    await claim.save({ state, weights, optimizer: [] }, keepSteps(state, spec));
    await claim.appendHistory(state.history.at(-1) as NonNullable<(typeof state.history)[0]>, points);
  }
  await claim.finish(state);
  await runs.end(id, number, { type: 'finished', reason: 'completed' }, 0);
  return id;
}
