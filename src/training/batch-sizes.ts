import type { Plan } from '../plan/plan.ts';
import type { Batch } from './engine.ts';

/** Throws RangeError when an array of the batch is not as long, or of the type, that the plan and its rows say. */
export function checkSizes(plan: Plan, { rows, inputs, targets, sampleWeights }: Batch): void {
  checkInputSize(plan, inputs, rows);
  const columns = plan.loss === 'sparse_categorical_crossentropy' ? 1 : plan.output.units;
  if (targets.length !== rows * columns) throw new RangeError(`${targets.length} targets for ${rows} rows: expected ${rows * columns}`);
  if (sampleWeights !== null && sampleWeights.length !== rows)
    throw new RangeError(`${sampleWeights.length} sample weights: expected one for each of ${rows} rows`);
}

/** Throws RangeError when the inputs are not as many, or of the type, that the plan says. */
export function checkInputSize({ input }: Plan, inputs: Batch['inputs'], rows: number): void {
  const [kind, size] = input.kind === 'tokens' ? ['Int32Array', input.timesteps] : ['Float32Array', input.timesteps * input.features];
  if (inputs.constructor.name === kind && inputs.length === rows * size) return;
  throw new RangeError(`${inputs.constructor.name} of ${inputs.length} inputs for ${rows} rows: expected ${kind} of ${rows * size}`);
}
