import type { DataShape } from '../contract/data-shape.ts';
import type { Spec } from '../contract/spec.ts';
import type { Plan } from '../plan/plan.ts';

/** What a run is, written down once when it is accepted. Nothing of it changes, and nothing derives it again. */
export interface Birth {
  readonly version: 2;
  readonly spec: Spec;
  /** What is known of the data. */
  readonly data: DataShape;
  readonly plan: Plan;
  /** Whose run it is; null: everybody's. */
  readonly owner: string | null;
  /** The sweep that it is a part of. */
  readonly parent: string | null;
  /** The checkpoint that its weights begin with. */
  readonly from: string | null;
  readonly submitted_at: string;
  /** The version of epochd that accepted it. */
  readonly epochd: string;
}

/** What is decided about a run at its acceptance. */
export type Accepted = Pick<Birth, 'spec' | 'data' | 'plan'>;
