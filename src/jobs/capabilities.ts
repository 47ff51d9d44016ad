import { canonicalJson } from '../contract/canonical-json.ts';
import type { EngineInfo } from '../contract/engine-info.ts';
import { QueueUnavailable } from '../contract/errors.ts';
import { type Shape, shapeAt, shapeOf, tagged } from '../contract/explain/shape.ts';
import { specShape } from '../contract/spec.ts';
import { FORMAT_NAMES } from '../exports/format.ts';
import { COST_CEILING } from '../plan/cost.ts';
import type { Jobs } from './context.ts';

/** What jobs may ask for, and the limits. */
export interface Capabilities {
  readonly version: string;
  /** Those of the workers that are alive; null while Redis does not answer. */
  readonly engines: EngineInfo[] | null;
  readonly dataset_sources: string[];
  readonly losses: string[];
  readonly metrics: string[];
  readonly optimizers: string[];
  readonly model_formats: string[];
  readonly limits: Readonly<Record<LimitName, number>> & Readonly<Record<RuntimeName, number | null>>;
}

type LimitName = 'body_bytes' | 'wait_seconds' | 'page_size' | 'parameters' | 'memory_bytes' | 'disk_bytes' | 'flops';
type RuntimeName = 'default_runtime_seconds' | 'max_runtime_seconds';

/** Limits that are the door's, not the jobs'. */
interface DoorLimits {
  readonly bodyBytes: number;
  readonly heldMs: number;
  readonly pageSize: number;
}

/** Read from the schema of the spec, so that there is nothing to keep in step. */
export async function describeCapabilities(
  { queue, version, runtime }: Jobs,
  { bodyBytes, heldMs, pageSize }: DoorLimits,
): Promise<Capabilities> {
  return {
    version,
    engines: await enginesAlive(queue),
    dataset_sources: tags('dataset'),
    losses: choices('training', 'loss'),
    metrics: choices('training', 'metrics', 0),
    optimizers: tags('training', 'optimizer'),
    model_formats: [...FORMAT_NAMES],
    limits: {
      body_bytes: bodyBytes,
      wait_seconds: Math.floor(heldMs / 1_000),
      page_size: pageSize,
      parameters: COST_CEILING.parameters,
      memory_bytes: COST_CEILING.memoryBytes,
      disk_bytes: COST_CEILING.diskBytes,
      default_runtime_seconds: runtime.defaultSeconds,
      max_runtime_seconds: runtime.maxSeconds,
      flops: COST_CEILING.flops,
    },
  };
}

const place = (path: readonly PropertyKey[]): Shape => shapeAt(shapeOf(specShape), {}, path) ?? {};
const choices = (...path: PropertyKey[]): string[] => (place(path).enum ?? []).map(String);
const tags = (...path: PropertyKey[]): string[] => tagged(place(path)).map(([, tag]) => String(tag));

async function enginesAlive(queue: Jobs['queue']): Promise<EngineInfo[] | null> {
  try {
    const engines = (await queue.workers()).flatMap((worker) => worker.engines);
    return [...new Map(engines.map((engine) => [canonicalJson(engine), engine])).values()];
  } catch (error) {
    if (error instanceof QueueUnavailable) return null;
    throw error;
  }
}
