import { SpecInvalid } from '../contract/errors.ts';
import { type RuntimeLimits, runtimeOf } from '../contract/runtime-limits.ts';
import { describeDataset } from '../datasets/describe.ts';
import type { SpecReport } from '../http/routes/validate.ts';
import { layerTable, modelSummary } from '../plan/summary.ts';
import { type AcceptedSpec, acceptSpec } from './accept.ts';

/** What a body would become as a job, or everything that is wrong with it. */
export function reportOn(body: unknown, runtime: RuntimeLimits): SpecReport {
  try {
    return describe(acceptSpec(body, runtime), runtime);
  } catch (error) {
    if (!(error instanceof SpecInvalid)) throw error;
    return { valid: false, errors: [...error.problems] };
  }
}

function describe({ spec, plan, cost }: AcceptedSpec, runtime: RuntimeLimits): SpecReport {
  const { trainRows, validationRows } = describeDataset(spec.dataset);
  return {
    valid: true,
    spec,
    layers: layerTable(plan).map((layer) => ({ ...layer, output_shape: [...layer.output_shape] })),
    summary: modelSummary(plan),
    parameters: cost.parameters,
    train_rows: trainRows,
    validation_rows: validationRows,
    steps_per_epoch: cost.stepsPerEpoch,
    steps: cost.stepsPerEpoch * spec.training.epochs,
    memory_bytes: cost.memoryBytes,
    disk_bytes: cost.diskBytes,
    max_runtime_seconds: runtimeOf(spec, runtime).seconds,
    predicted_seconds: cost.predictedSeconds,
  };
}
