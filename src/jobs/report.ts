import { type Problem, SpecInvalid } from '../contract/errors.ts';
import { type RuntimeLimits, runtimeOf } from '../contract/runtime-limits.ts';
import type { Spec } from '../contract/spec.ts';
import { layerTable, modelSummary } from '../plan/summary.ts';
import { type AcceptedSpec, acceptSpec } from './accept.ts';

/** What a spec would become, or everything that is wrong with it. */
export type SpecReport =
  | { readonly valid: false; readonly errors: Problem[] }
  | {
      readonly valid: true;
      readonly spec: Spec;
      readonly layers: { name: string; type: string; output_shape: (number | null)[]; parameters: number }[];
      /** The table that Keras prints. */
      readonly summary: string;
      readonly parameters: number;
      readonly train_rows: number;
      readonly validation_rows: number;
      readonly steps_per_epoch: number;
      readonly steps: number;
      readonly memory_bytes: number;
      readonly disk_bytes: number;
      readonly max_runtime_seconds: number | null;
      readonly predicted_seconds: number;
    };

/** What a body would become as a job, or everything that is wrong with it. */
export async function reportOn(body: unknown, runtime: RuntimeLimits): Promise<SpecReport> {
  try {
    return describe(await acceptSpec(body, runtime), runtime);
  } catch (error) {
    if (!(error instanceof SpecInvalid)) throw error;
    return { valid: false, errors: [...error.problems] };
  }
}

function describe({ spec, data, plan, cost }: AcceptedSpec, runtime: RuntimeLimits): SpecReport {
  return {
    valid: true,
    spec,
    layers: layerTable(plan).map((layer) => ({ ...layer, output_shape: [...layer.output_shape] })),
    summary: modelSummary(plan),
    parameters: cost.parameters,
    train_rows: data.trainRows,
    validation_rows: data.validationRows,
    steps_per_epoch: cost.stepsPerEpoch,
    steps: cost.stepsPerEpoch * spec.training.epochs,
    memory_bytes: cost.memoryBytes,
    disk_bytes: cost.diskBytes,
    max_runtime_seconds: runtimeOf(spec, runtime).seconds,
    predicted_seconds: cost.predictedSeconds,
  };
}
