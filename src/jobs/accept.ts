import type { DataShape } from '../contract/data-shape.ts';
import { SpecInvalid } from '../contract/errors.ts';
import { parseSpec } from '../contract/explain/parse.ts';
import type { RuntimeLimits } from '../contract/runtime-limits.ts';
import type { Spec } from '../contract/spec.ts';
import { checkRules, checkRuntime } from '../contract/spec-rules.ts';
import { describeDataset } from '../datasets/sources.ts';
import { type CostEstimate, checkCost, estimateCost } from '../plan/cost.ts';
import { type Plan, planSpec } from '../plan/plan.ts';

/** A job that can be run, and all that is derived from its spec: once, here. */
export interface AcceptedSpec {
  readonly spec: Spec;
  readonly data: DataShape;
  readonly plan: Plan;
  readonly cost: CostEstimate;
}

/** Everything that is asked of a spec before it is queued. Throws SpecInvalid. */
export async function acceptSpec(body: unknown, runtime: RuntimeLimits): Promise<AcceptedSpec> {
  const spec = parseSpec(body);
  const data = await describeDataset(spec.dataset);
  const broken = [...checkRules(spec, data), ...checkRuntime(spec, runtime)];
  if (broken.length > 0) throw new SpecInvalid(broken);
  const plan = planSpec(spec, data);
  const cost = estimateCost(plan, spec, data);
  const above = checkCost(cost, plan);
  if (above.length > 0) throw new SpecInvalid(above);
  return { spec, data, plan, cost };
}
