import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { NumericArray } from '../datasets/npy.ts';
import { readNpz } from '../datasets/npz.ts';
import { elements, type InputShape, type Plan, planModel } from '../training/plan.ts';
import type { Rows } from '../training/rows.ts';
import { type KerasCase, kerasCaseSchema } from './keras-case.ts';
import { recordedBatches } from './recorded-batches.ts';

/** A training trajectory that Keras recorded. */
export interface Recording {
  readonly settings: KerasCase;
  readonly plan: Plan;
  readonly rows: Rows;
  /** The rows of each step's batch. */
  readonly batches: readonly Int32Array[];
  readonly losses: Float64Array;
  /** In the order of the plan's weights. */
  readonly initial: readonly Float32Array[];
  readonly final: readonly Float32Array[];
  /** Of the first rows, after the last step; null when none was recorded. */
  readonly prediction: { readonly rows: number; readonly values: Float32Array } | null;
}

const casesSchema = z.looseObject({ cases: z.record(z.string(), z.unknown()) });

/** Names and settings in a folder's cases.json. */
export async function readCases(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const file = join(folder, 'cases.json');
  const parsed = casesSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new RangeError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data.cases;
}

/** Reads `name`.npz beside cases.json. Throws RangeError, or what reading a file throws, when the recording cannot be replayed. */
export async function readRecording(folder: string, name: string, entry: unknown): Promise<Recording> {
  const parsed = kerasCaseSchema.safeParse(entry);
  if (!parsed.success) throw new RangeError(`case ${name}: ${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  const file = join(folder, `${name}.npz`);
  const npz = await readNpz(await readFile(file), file);
  const x = npz.numbers('x');
  const plan = planOf(settings, x);
  const [rows = 0] = x.shape;
  const targets = floats(npz.numbers('y'));
  const targetSize = settings.loss === 'sparse_categorical_crossentropy' ? 1 : plan.output.units;
  if (targets.length !== rows * targetSize) throw new RangeError(`${file}: y has ${targets.length} numbers: expected ${rows * targetSize}`);
  const batches = recordedBatches(npz.numbers('order'), rows, settings);
  const losses = Float64Array.from(npz.numbers('loss').data, Number);
  if (losses.length !== batches.length) throw new RangeError(`${file}: loss has ${losses.length} steps: expected ${batches.length}`);
  const weights = (prefix: string): Float32Array[] =>
    plan.weights.map(({ shape }, index) => {
      const array = npz.numbers(`${prefix}_${index}`);
      if (array.shape.join() === shape.join()) return floats(array);
      throw new RangeError(`${file}: ${prefix}_${index} has shape [${array.shape.join(', ')}]: expected [${shape.join(', ')}]`);
    });
  const prediction = npz.names.includes('prediction') ? npz.numbers('prediction') : null;
  return {
    settings,
    plan,
    rows: { rows, inputs: plan.input.kind === 'tokens' ? Int32Array.from(x.data, Number) : floats(x), targets },
    batches,
    losses,
    initial: weights('initial'),
    final: weights('final'),
    prediction: prediction && { rows: prediction.shape[0] ?? 0, values: floats(prediction) },
  };
}

const floats = ({ data }: NumericArray): Float32Array => Float32Array.from(data, Number);

function planOf({ model, loss }: KerasCase, x: NumericArray): Plan {
  const lstm = model.lstm.map(({ units, bidirectional, dropout, recurrent_dropout }) => ({
    units,
    bidirectional,
    dropout,
    recurrent_dropout,
  }));
  const dense = model.dense.map(({ units, activation, dropout }) => ({ units, activation, dropout }));
  const plan = planModel({ embedding: model.embedding, lstm, dense }, inputShape(model, x), model.output.units, loss);
  return { ...plan, output: { ...plan.output, activation: model.output.activation } };
}

function inputShape({ embedding }: KerasCase['model'], { shape }: NumericArray): InputShape {
  const [, timesteps, features] = shape;
  if (embedding && timesteps !== undefined && elements(shape.slice(2)) === 1) {
    return { kind: 'tokens', timesteps, vocabulary: embedding.input_dim };
  }
  if (!embedding && timesteps !== undefined && features !== undefined) return { kind: 'numeric', timesteps, features };
  throw new RangeError(`x has shape [${shape.join(', ')}]: expected ${embedding ? '[rows, T] for an embedding' : '[rows, T, F]'}`);
}
