import type { Engine } from '../../training/engine.ts';
import { describePlan } from './description.ts';
import type { Core } from './machine.ts';
import { Model } from './model.ts';

/** The C++ core as an engine. The bits of its results depend on the instruction set, not on the number of threads. */
export const coreEngine = (core: Core): Engine => ({
  info: {
    name: 'core',
    variant: `${core.kind}-${core.instructionSet}`,
    device: 'CPU:0',
    versions: {},
  },
  compile: (plan, optimizer, maxRows) => new Model(plan, optimizer, maxRows, core.open(describePlan(plan, optimizer, maxRows))),
});
