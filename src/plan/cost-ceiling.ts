import type { Problem } from '../contract/errors.ts';
import type { CostEstimate } from './cost.ts';
import { elements, type Plan } from './plan.ts';

/** What a job may take at most. */
export interface CostCeiling {
  readonly parameters: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Floating point operations of the whole job. */
  readonly flops: number;
}

const GIBIBYTE = 2 ** 30;

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
