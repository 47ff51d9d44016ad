import type { EpochRecord, MetricPoint } from '../contract/history.ts';
import type { Spec, TrainingSpec } from '../contract/spec.ts';
import { elements, type LstmPlan, type Plan } from './plan.ts';

/* How much there is of a run: its steps, what is kept of them, and the bytes that this takes on disk and in memory. */

/** The last batch may be smaller than the others. */
export const countBatches = (rows: number, batchSize: number): number => Math.ceil(rows / batchSize);

/** Points of metrics that are kept of each epoch, at most. */
export const POINTS_PER_EPOCH = 50;

/** The newest epochs whose checkpoints stay: the last, and the one before it should the last be damaged; more if the spec says so. */
export function keptEpochs({ training: { epochs }, callbacks: { checkpoint } }: TrainingSpec): number {
  return checkpoint.save_best_only ? 2 : Math.max(2, Math.min(checkpoint.keep_last ?? epochs, epochs));
}

/** What file systems give a small file. */
const BLOCK = 4096;

/** Four files and their folder. */
const BLOCKS_PER_CHECKPOINT = 5;

/**
 * What a run takes on disk at most, in bytes: its checkpoints, each with the whole history in its state, so that those of a run that
 * keeps all of them grow with the square of its epochs; its history and its metrics. `arrayBytes`: of weights and optimizer slots.
 */
export function estimateDisk(spec: TrainingSpec, steps: number, arrayBytes: number): number {
  const { epochs } = spec.training;
  const record = JSON.stringify(typicalRecord(spec.training, steps)).length + 1;
  const points = Math.min(POINTS_PER_EPOCH, Math.ceil(steps / epochs)) * (JSON.stringify(typicalPoint(epochs, steps)).length + 1);
  // The newest ones, those of both bests, and one that is being written.
  const checkpoints = Math.min(keptEpochs(spec) + 2, epochs) + 1;
  const records = (checkpoints * (2 * epochs - checkpoints + 1)) / 2;
  return checkpoints * (arrayBytes + points + BLOCKS_PER_CHECKPOINT * BLOCK) + (Math.max(records, 0) + epochs) * record + epochs * points;
}

const TYPICAL = 0.1234567890123456;

function typicalRecord({ epochs, metrics }: Spec['training'], step: number): EpochRecord {
  const names = ['loss', ...metrics].flatMap((name) => [name, `val_${name}`]);
  return { epoch: epochs, step, logs: { ...Object.fromEntries(names.map((name) => [name, TYPICAL])), learning_rate: TYPICAL } };
}

const typicalPoint = (epoch: number, step: number): MetricPoint => ({ epoch, step, loss: TYPICAL });

/*
 * What a trainer takes at its peak: while it saves a checkpoint or goes on from one. The model is that of the core, which lays
 * everything out once (lay_out in core/model/model.hpp) and touches all of it; measured beside the truth by test/measure/trainer-memory.mjs.
 */

/** Node with this program, the addon, and what V8 holds of what it has read. */
const PROCESS_BYTES = 110 * 2 ** 20;

/** Of a float32 or an int32. */
const NUMBER_BYTES = 4;

/** The core's: blocks of a batch (split_rows), rows of LSTM steps worked on at once. */
const ROWS_OF_SMALL_BLOCK = 16;
const BLOCKS_AT_MOST = 16;
const ROWS_AT_ONCE = 96;

/** Vectors of the instruction sets; a model gets the widest that its largest LSTM layer fills by more than half. */
const LANES = [16, 8, 4];

/** Sizes as the core rounds them, in numbers. */
interface Rounding {
  /** Up to whole vectors. */
  whole(columns: number): number;
  /** Of a matrix whose rows are padded (row_length in core/numbers/matrix.hpp). */
  matrix(rows: number, columns: number): number;
}

/** Bytes. `slots`: arrays of the optimizer for each weight; `rowNumbers`: numbers of the whole data set. */
export function estimateMemory(plan: Plan, slots: number, batchSize: number, rowNumbers: number): number {
  const weights = plan.weights.reduce((sum, { shape }) => sum + elements(shape), 0);
  const embedding = plan.embedding ? elements([plan.embedding.inputDim, plan.embedding.outputDim]) : 0;
  const rounding = roundingFor(plan);
  const blockRows = Math.ceil(batchSize / Math.min(Math.ceil(batchSize / ROWS_OF_SMALL_BLOCK), BLOCKS_AT_MOST));
  const blocks = Math.ceil(batchSize / blockRows);
  const masks = plan.dropoutSites.reduce((sum, { width }) => sum + width * batchSize, 0);
  const batch = batchSize * (plan.input.timesteps * featuresOf(plan) + 2 * plan.output.units);
  // Values, slots and gradients, squares of the embedding's gradients.
  const core = weights * (2 + slots) + embedding + panels(plan, batchSize, rounding) + blocks * blockNumbers(plan, blockRows, rounding);
  // Beside the core: copies for a checkpoint, or those read from one, and part of earlier ones that V8 has not let go yet.
  const loop = weights * (1.5 + slots) + rowNumbers;
  return PROCESS_BYTES + NUMBER_BYTES * (core + loop + 2 * (masks + batch));
}

const featuresOf = ({ input }: Plan): number => (input.kind === 'tokens' ? 1 : input.features);

const directionsOf = ({ bidirectional }: LstmPlan): number => (bidirectional ? 2 : 1);

function roundingFor({ lstm }: Plan): Rounding {
  const units = Math.max(...lstm.map((layer) => layer.units));
  const lanes = LANES.find((count) => count < 2 * units) ?? 4;
  const whole = (columns: number): number => Math.ceil(columns / lanes) * lanes;
  // From 512 bytes on an odd number of vectors.
  const row = (columns: number): number =>
    whole(columns) >= 128 && (whole(columns) / lanes) % 2 === 0 ? whole(columns) + lanes : whole(columns);
  return { whole, matrix: (rows, columns) => rows * row(columns) };
}

/** Copies of the weights in the order in which products read them, forward and backward; and the table embeddings x kernel. */
function panels({ input, lstm, dense, output }: Plan, batchSize: number, { whole, matrix }: Rounding): number {
  const recurrent = lstm.map((layer, index) => {
    const { inputSize, units, dropout } = layer;
    const gates = 4 * whole(units);
    const words = input.kind === 'tokens' ? input.vocabulary : 0;
    const hasTable = index === 0 && dropout === 0 && 2 * words <= batchSize * input.timesteps;
    return directionsOf(layer) * (gates * (inputSize + units + whole(inputSize) + whole(units)) + (hasTable ? matrix(words, gates) : 0));
  });
  const rest = [...dense, output].map(({ inputSize, units }) => inputSize * whole(units) + units * whole(inputSize));
  return [...recurrent, ...rest].reduce((sum, count) => sum + count, 0);
}

/** What the way of `rows` rows through the model and back leaves behind, gradients of all weights but the embedding's among it. */
function blockNumbers({ input, lstm, dense, output }: Plan, rows: number, { whole, matrix }: Rounding): number {
  const cells = input.timesteps * rows;
  const slots = (input.timesteps + 2) * rows;
  const recurrent = lstm.map((layer, index) => {
    const { inputSize, units, returnSequences, dropout, recurrentDropout } = layer;
    const outputs = returnSequences ? cells : rows;
    const direction =
      matrix(cells, 4 * whole(units)) +
      (recurrentDropout > 0 ? 4 : 3) * matrix(slots, units) +
      3 * matrix(rows, units) +
      matrix(inputSize + units + 1, 4 * whole(units)) +
      (dropout > 0 ? matrix(cells + Math.max(rows, ROWS_AT_ONCE), inputSize) : 0) +
      (layer.bidirectional ? matrix(outputs, units) : 0);
    const gradient = index > 0 || input.kind === 'tokens' ? matrix(cells, inputSize) : 0;
    return directionsOf(layer) * direction + gradient + (layer.bidirectional ? matrix(outputs, 2 * units) : 0);
  });
  const rest = [...dense, output].map(
    ({ inputSize, units, dropout }) => (dropout > 0 ? 3 : 2) * matrix(rows, units) + matrix(inputSize + 1, units),
  );
  return [...recurrent, ...rest].reduce((sum, count) => sum + count, 2 * cells + matrix(cells, lstm[0]?.inputSize ?? 0));
}
