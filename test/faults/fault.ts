import type { Chance } from './chance.ts';
import type { Fleet } from './fleet.ts';
import type { Member } from './member.ts';
import type { Where } from './places.ts';
import type { Report } from './report.ts';

/** Something that happens to a fleet. */
export interface Fault {
  readonly where: Where;
  /** Lets it happen, and mends it as an operator would. Resolves to false when there was nothing to break. */
  strike(target: Target): Promise<boolean>;
}

export interface Target {
  readonly fleet: Fleet;
  /** The APIs and workers that it happens to. */
  readonly members: readonly Member[];
  readonly chance: Chance;
  readonly report: Report;
}

export type Faults = Readonly<Record<string, Fault>>;
