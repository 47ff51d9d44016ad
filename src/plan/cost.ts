import type { DataShape } from '../contract/data-shape.ts';
import type { Problem } from '../contract/errors.ts';
import { slotNames } from '../contract/optimizer.ts';
import type { TrainingSpec } from '../contract/spec.ts';
import { countBatches, estimateDisk, estimateMemory } from './extent.ts';
import { countParameters, elements, type Plan } from './plan.ts';

/** What a job will take, as far as its spec tells. */
export interface CostEstimate {
  readonly parameters: number;
  readonly stepsPerEpoch: number;
  /** Bytes of weights, gradients and optimizer slots. */
  readonly weightBytes: number;
  /** Bytes of one batch's activations and their gradients. */
  readonly activationBytes: number;
  /** Bytes that the training process takes at its peak, about. */
  readonly memoryBytes: number;
  /** What the run takes on disk at most, about. */
  readonly diskBytes: number;
  /** Of the whole job, validation included. */
  readonly flops: number;
  /** A rough guess: see OVERHEAD_SECONDS and FLOPS_PER_SECOND. */
  readonly predictedSeconds: number;
  /** No machine is so slow, or so busy, that one step or the drawing of the initial weights takes it longer. */
  readonly longestCallSeconds: number;
}

/**
 * A step takes OVERHEAD_SECONDS + flops / FLOPS_PER_SECOND. Fitted to the core on two CPU cores with AVX-512 and batches of 64, where
 * LSTM(8), LSTM(64) and LSTM(128) took 0.4, 6 and 44 ms; right within a factor of two there.
 */
const OVERHEAD_SECONDS = 0.0003;
const FLOPS_PER_SECOND = 2e11;

/** Of the slowest thinkable machine: a thousandth. */
const SLOWEST_FLOPS_PER_SECOND = FLOPS_PER_SECOND / 1000;

const FLOAT_BYTES = 4;
/** A backward pass does the forward pass's products twice: for the inputs and for the weights. */
const TRAINING_PASSES = 3;
/** Per unit and time step: four gates, cell state, its tanh, output. */
const LSTM_ACTIVATIONS = 7;

/** `spec` and data must be those of `plan`. Every epoch counts: an early stop cannot be foreseen. */
export function estimateCost(plan: Plan, spec: TrainingSpec, { trainRows, validationRows }: DataShape): CostEstimate {
  const { batch_size, epochs, optimizer } = spec.training;
  const parameters = countParameters(plan);
  const slots = slotNames(optimizer).length;
  const stepsPerEpoch = countBatches(trainRows, batch_size);
  const validationSteps = countBatches(validationRows, batch_size);
  const weightBytes = FLOAT_BYTES * parameters * (2 + slots);
  const activationBytes = 2 * FLOAT_BYTES * batch_size * activationsPerRow(plan);
  const rowFlops = forwardFlopsPerRow(plan);
  const flops = epochs * rowFlops * (TRAINING_PASSES * trainRows + validationRows);
  const stepFlops = trainingFlops(plan, Math.min(batch_size, trainRows));
  return {
    parameters,
    stepsPerEpoch,
    weightBytes,
    activationBytes,
    memoryBytes: estimateMemory(plan, slots, batch_size, (trainRows + validationRows) * numbersPerRow(plan)),
    diskBytes: estimateDisk(spec, epochs * stepsPerEpoch, FLOAT_BYTES * parameters * (1 + slots)),
    flops,
    predictedSeconds: epochs * (stepsPerEpoch + validationSteps) * OVERHEAD_SECONDS + flops / FLOPS_PER_SECOND,
    longestCallSeconds: Math.max(stepFlops, orthogonalFlops(plan)) / SLOWEST_FLOPS_PER_SECOND,
  };
}

/** Each row of a recurrent kernel [units, 4 units] is made orthogonal to those above it: a product and an addition for each pair. */
const orthogonalFlops = ({ lstm }: Plan): number =>
  lstm.reduce((sum, { units, bidirectional }) => sum + (bidirectional ? 2 : 1) * 8 * units ** 3, 0);

const numbersPerRow = ({ input, output }: Plan): number =>
  output.units + (input.kind === 'tokens' ? input.timesteps : elements([input.timesteps, input.features]));

function activationsPerRow({ input, embedding, lstm, dense, output, dropoutSites }: Plan): number {
  const embedded = embedding ? input.timesteps * embedding.outputDim : 0;
  const recurrent = lstm.map(({ units, bidirectional }) => input.timesteps * LSTM_ACTIVATIONS * units * (bidirectional ? 2 : 1));
  // The loop's masks, and the engine's copy of them in place of gradients.
  const masks = dropoutSites.map(({ width }) => width);
  return [embedded, ...recurrent, ...dense.map(({ units }) => units), output.units, ...masks].reduce((sum, count) => sum + count, 0);
}

/**
 * Floating point operations of one training step over a batch of `rows`: the matrix products of the LSTM layers (inputs and state,
 * four gates, every time step) and of the dense layers, forward and backward. The embedding has none.
 */
export const trainingFlops = (plan: Plan, rows: number): number => TRAINING_PASSES * rows * forwardFlopsPerRow(plan);

function forwardFlopsPerRow({ input, lstm, dense, output }: Plan): number {
  const recurrent = lstm.map(
    ({ inputSize, units, bidirectional }) => input.timesteps * 2 * 4 * units * (inputSize + units) * (bidirectional ? 2 : 1),
  );
  const rest = [...dense, output].map(({ inputSize, units }) => 2 * inputSize * units);
  return [...recurrent, ...rest].reduce((sum, count) => sum + count, 0);
}

const GIBIBYTE = 2 ** 30;

/** What a job may take at most. */
export interface CostCeiling {
  readonly parameters: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Floating point operations of the whole job. */
  readonly flops: number;
}

/**
 * Beyond any model that this service is made for, and within what one machine can do: 1e17 operations are 12 days at 100 GFLOP/s. The
 * disk has room for the few checkpoints that are kept of the largest model.
 */
export const COST_CEILING: CostCeiling = { parameters: 1e8, memoryBytes: 8 * GIBIBYTE, diskBytes: 8 * GIBIBYTE, flops: 1e17 };

/** What is above the ceiling, each with the field that lowers it most. */
export function checkCost(estimate: CostEstimate, plan: Plan, ceiling: CostCeiling = COST_CEILING): Problem[] {
  const { parameters, memoryBytes, weightBytes, activationBytes, diskBytes, flops } = estimate;
  const largest = largestLayer(plan);
  const problems: Problem[] = [];
  if (parameters > ceiling.parameters) {
    problems.push({
      pointer: largest,
      detail: `the model has ${count(parameters)} parameters: expected at most ${count(ceiling.parameters)}; lower ${largest}`,
    });
  }
  if (memoryBytes > ceiling.memoryBytes) {
    const pointer = activationBytes > weightBytes ? '/training/batch_size' : largest;
    problems.push({
      pointer,
      detail: `training needs about ${gibibytes(memoryBytes)} GiB of memory: expected at most ${gibibytes(ceiling.memoryBytes)} GiB; lower ${pointer}`,
    });
  }
  if (diskBytes > ceiling.diskBytes) {
    const pointer = '/callbacks/checkpoint/keep_last';
    problems.push({
      pointer,
      detail: `the checkpoints of this run take about ${gibibytes(diskBytes)} GiB on disk: expected at most ${gibibytes(ceiling.diskBytes)} GiB; keep fewer of them by ${pointer}`,
    });
  }
  if (flops > ceiling.flops) {
    const pointer = '/training/epochs';
    problems.push({
      pointer,
      detail: `training takes ${flops.toExponential(1)} floating point operations: expected at most ${ceiling.flops.toExponential(1)}; lower ${pointer} or the layers' units`,
    });
  }
  return problems;
}

const count = (value: number): string => value.toLocaleString('en-US');

const gibibytes = (bytes: number): string => (bytes / GIBIBYTE).toFixed(1);

/** The field that sets the size of the layer with the most parameters. */
function largestLayer({ embedding, lstm, dense }: Plan): string {
  const fields = [
    { pointer: '/model/embedding/output_dim', parameters: embedding ? elements([embedding.inputDim, embedding.outputDim]) : 0 },
    ...lstm.map(({ inputSize, units, bidirectional }, index) => ({
      pointer: `/model/lstm/${index}/units`,
      parameters: 4 * units * (inputSize + units) * (bidirectional ? 2 : 1),
    })),
    ...dense.map(({ inputSize, units }, index) => ({ pointer: `/model/dense/${index}/units`, parameters: inputSize * units })),
  ];
  return fields.reduce((largest, field) => (field.parameters > largest.parameters ? field : largest)).pointer;
}
