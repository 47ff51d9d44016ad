import { parseSpec } from '../src/contract/explain/parse.ts';
import { describeDataset } from '../src/datasets/sources.ts';
import { planSpec } from '../src/plan/plan.ts';
import type { Birth } from '../src/runs/birth.ts';
import { certify } from '../src/runs/create.ts';

/** What is written down of a job with this body when it is accepted. */
export async function birthOf(body: object): Promise<Birth> {
  const spec = parseSpec(body);
  const data = await describeDataset(spec.dataset);
  return certify({ spec, data, plan: planSpec(spec, data) }, '0.0.0', new Date());
}

/** For claims whose times are not looked at. */
export const CLOCK = { trainedMs: () => 0, now: () => new Date() };
