import type { Spec } from '../../contract/spec.ts';
import type { Accepted } from '../birth.ts';

/** Something of a run that is not as it was written. */
export interface Finding {
  readonly id: string;
  readonly where: string;
  readonly what: string;
  /** null: nothing is left to repair it from. */
  readonly repair: Repair | null;
}

export interface Repair {
  readonly how: string;
  /** Throws StorageFull, StorageUnavailable. */
  run(): Promise<void>;
}

/** What acceptance derives from a spec. */
export type Derive = (spec: Spec) => Promise<Accepted>;
