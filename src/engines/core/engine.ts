import { EngineUnavailable } from '../../contract/errors.ts';
import type { Engine } from '../../training/engine.ts';
import { describePlan } from './description.ts';
import type { Core } from './machine.ts';
import { Model } from './model.ts';
import { loadNative } from './native.ts';
import { loadWasm } from './wasm.ts';

/** The C++ core as an engine. The bits of its results depend on the variant and the plan, not on the number of threads. */
export const coreEngine = (core: Core): Engine => ({
  info: { name: 'core', variant: `${core.kind}-${core.instructionSet}`, device: 'CPU:0', versions: { node: process.version } },
  compile: (plan, optimizer, maxRows) => {
    const units = Math.max(...plan.lstm.map((layer) => layer.units));
    return new Model(plan, optimizer, maxRows, core.open(describePlan(plan, optimizer, maxRows), units));
  },
});

/**
 * The core on `threads` threads: the addon, or where there is none the slower WebAssembly, of which `warn` is told. Throws
 * EngineUnavailable when this machine can run neither.
 */
export function loadCore(threads: number, warn: (message: string) => void): Engine {
  try {
    return coreEngine(loadNative(threads));
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    warn(`${error.message}; training goes on with the slower WebAssembly`);
    return coreEngine(loadWasm(threads));
  }
}
