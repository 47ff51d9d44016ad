import type { Rows } from '../contract/arrays.ts';
import { DataOutOfRange } from '../contract/errors.ts';
import type { Plan } from '../plan/plan.ts';

/*
 * Whether rows hold nothing but what a plan can be computed over. Places are told from 0; `data` is what the rows are called, such as
 * "the training data".
 */

type Inputs = Rows['inputs'];

/** Throws DataOutOfRange at the first target that does not fit, then at the first token id or number. */
export function checkRange(plan: Plan, { inputs, targets }: Pick<Rows, 'inputs' | 'targets'>, data: string): void {
  checkTargets(plan, targets, data);
  checkInputs(plan, inputs, data);
}

/** Throws DataOutOfRange at the first token id outside the vocabulary, or number that is not finite. */
export function checkInputs({ input }: Plan, inputs: Inputs, data: string): void {
  const isTokens = input.kind === 'tokens';
  const index = isTokens ? strayToken(inputs as Int32Array, input.vocabulary) : strayNumber(inputs as Float32Array);
  if (index < 0) return;
  const features = isTokens ? 1 : input.features;
  const step = Math.floor(index / features);
  const place = `row ${Math.floor(step / input.timesteps)} of ${data}, time step ${step % input.timesteps}`;
  if (isTokens) throw new DataOutOfRange(`${place}: token id ${inputs[index]}: expected 0 to ${input.vocabulary - 1}`);
  throw new DataOutOfRange(`${place}, feature ${index % features}: ${inputs[index]}: expected a finite number`);
}

/** Throws DataOutOfRange at the first label that is no class, or number to regress to that is not finite. */
export function checkTargets({ loss, output }: Plan, targets: Float32Array, data: string): void {
  const isClasses = loss === 'sparse_categorical_crossentropy';
  const isBinary = loss === 'binary_crossentropy';
  const index = isClasses ? strayClass(targets, output.units) : isBinary ? strayLabel(targets) : strayNumber(targets);
  if (index < 0) return;
  const columns = isClasses ? 1 : output.units;
  const place = `row ${Math.floor(index / columns)} of ${data}${columns > 1 ? `, target ${index % columns}` : ''}`;
  const value = targets[index];
  if (isClasses) throw new DataOutOfRange(`${place}: label ${value}: expected a whole number from 0 to ${output.units - 1}`);
  throw new DataOutOfRange(isBinary ? `${place}: label ${value}: expected 0 or 1` : `${place}: target ${value}: expected a finite number`);
}

/* Where the first one lies, or -1. Each array is of one type here, which is what makes these loops fast. */

function strayToken(tokens: Int32Array, vocabulary: number): number {
  for (let i = 0; i < tokens.length; i++) if (tokens[i]! >>> 0 >= vocabulary) return i;
  return -1;
}

/** Infinity less itself is no number. */
function strayNumber(numbers: Float32Array): number {
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! - numbers[i]! !== 0) return i;
  return -1;
}

function strayClass(labels: Float32Array, classes: number): number {
  for (let i = 0; i < labels.length; i++) if (labels[i]! >>> 0 !== labels[i]! || labels[i]! >= classes) return i;
  return -1;
}

function strayLabel(labels: Float32Array): number {
  for (let i = 0; i < labels.length; i++) if (labels[i] !== 0 && labels[i] !== 1) return i;
  return -1;
}
