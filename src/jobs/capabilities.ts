import { canonicalJson } from '../contract/canonical-json.ts';
import type { EngineInfo } from '../contract/engine-info.ts';
import { QueueUnavailable } from '../contract/errors.ts';
import { type Shape, shapeAt, shapeOf, tagged } from '../contract/explain/shape.ts';
import { specShape } from '../contract/spec.ts';
import type { Capabilities } from '../http/routes/capabilities.ts';
import { COST_CEILING } from '../plan/cost-ceiling.ts';
import type { Context } from './context.ts';

/** Read from the schema of the spec, so that there is nothing to keep in step. */
export async function describeCapabilities({ queue, version, heldMs, runtime }: Context, bodyBytes: number): Promise<Capabilities> {
  return {
    version,
    engines: await enginesAlive(queue),
    dataset_sources: tags('dataset'),
    losses: choices('training', 'loss'),
    metrics: choices('training', 'metrics', 0),
    optimizers: tags('training', 'optimizer'),
    model_formats: ['tfjs'],
    limits: {
      body_bytes: bodyBytes,
      wait_seconds: Math.floor(heldMs / 1_000),
      page_size: 100,
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

async function enginesAlive(queue: Context['queue']): Promise<EngineInfo[] | null> {
  try {
    const engines = (await queue.workers()).flatMap((worker) => worker.engines);
    return [...new Map(engines.map((engine) => [canonicalJson(engine), engine])).values()];
  } catch (error) {
    if (error instanceof QueueUnavailable) return null;
    throw error;
  }
}
