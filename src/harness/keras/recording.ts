import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Rows } from '../../contract/arrays.ts';
import type { NumericArray } from '../../formats/npy.ts';
import { type Npz, readNpz } from '../../formats/npz.ts';
import type { Plan } from '../../plan/plan.ts';
import { type KerasCase, kerasCaseSchema } from './case.ts';
import { indexCasesSchema } from './index-cases.ts';
import { recordedBatches, recordedOrder } from './recorded-batches.ts';
import { recordedMasks } from './recorded-masks.ts';
import { recordedPlan } from './recorded-plan.ts';

/** A training trajectory that Keras recorded. */
export interface Recording {
  readonly settings: KerasCase;
  readonly plan: Plan;
  readonly rows: Rows;
  /** The rows of each step's batch. */
  readonly batches: readonly Int32Array[];
  /** The dropout masks of each step, in the order of the plan's sites. */
  readonly masks: readonly (readonly Float32Array[])[];
  readonly losses: Float64Array;
  /** In the order of the plan's weights. */
  readonly initial: readonly Float32Array[];
  readonly final: readonly Float32Array[];
  /** Of the first rows, after the last step; null when none was recorded. */
  readonly prediction: { readonly rows: number; readonly values: Float32Array } | null;
}

const casesSchema = z.looseObject({ cases: z.record(z.string(), z.unknown()) });

/** Names and settings in a folder's cases.json, or index.json where there is that one only. Throws RangeError when it is another kind of file. */
export async function readCases(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const [file, index] = [join(folder, 'cases.json'), join(folder, 'index.json')];
  if (existsSync(index) && !existsSync(file)) {
    const entries = indexCasesSchema.safeParse(JSON.parse(await readFile(index, 'utf8')));
    if (!entries.success) throw new RangeError(`${index}: ${z.prettifyError(entries.error)}`);
    return entries.data;
  }
  const parsed = casesSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new RangeError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data.cases;
}

/** Reads `name`.npz beside cases.json or index.json. Throws RangeError, or what reading a file throws, when the recording cannot be replayed. */
export async function readRecording(folder: string, name: string, entry: unknown): Promise<Recording> {
  const parsed = kerasCaseSchema.safeParse(entry);
  if (!parsed.success) throw new RangeError(`case ${name}: ${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  const file = join(folder, `${name}.npz`);
  const npz = await readNpz(await readFile(file), file);
  const plan = recordedPlan(settings, npz.numbers('x'));
  const rows = readRows(npz, plan);
  const batches = recordedBatches(recordedOrder(npz, settings), rows.rows, settings);
  const masks = recordedMasks(npz, plan.dropoutSites, batches);
  const losses = Float64Array.from(settings.losses ?? npz.numbers('loss').data, Number);
  if (losses.length !== batches.length) throw new RangeError(`loss has ${losses.length} steps: expected ${batches.length}`);
  const [initial, final] = [readWeights(npz, 'initial', plan), readWeights(npz, 'final', plan)];
  return { settings, plan, rows, batches, masks, losses, initial, final, prediction: readPrediction(npz) };
}

const floats = ({ data }: NumericArray): Float32Array => Float32Array.from(data, Number);

function readRows(npz: Npz, { input, loss, output }: Plan): Rows {
  const x = npz.numbers('x');
  const [rows = 0] = x.shape;
  const targets = floats(npz.numbers('y'));
  const expected = rows * (loss === 'sparse_categorical_crossentropy' ? 1 : output.units);
  if (targets.length !== expected) throw new RangeError(`y has ${targets.length} numbers: expected ${expected}`);
  return { rows, inputs: input.kind === 'tokens' ? Int32Array.from(x.data, Number) : floats(x), targets };
}

const readWeights = (npz: Npz, prefix: string, { weights }: Plan): Float32Array[] =>
  weights.map(({ shape }, index) => {
    const array = npz.numbers(`${prefix}_${index}`);
    if (array.shape.join() === shape.join()) return floats(array);
    throw new RangeError(`${prefix}_${index} has shape [${array.shape.join(', ')}]: expected [${shape.join(', ')}]`);
  });

function readPrediction(npz: Npz): Recording['prediction'] {
  if (!npz.names.includes('prediction')) return null;
  const array = npz.numbers('prediction');
  return { rows: array.shape[0] ?? 0, values: floats(array) };
}
