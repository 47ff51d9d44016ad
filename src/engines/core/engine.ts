import type { EngineInfo } from '../../contract/engine-info.ts';
import { EngineUnavailable } from '../../contract/errors.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Engine } from '../../training/engine.ts';
import { describePlan } from './description.ts';
import type { Core } from './machine.ts';
import { Model } from './model.ts';
import { loadNative, nativeInstructionSets } from './native.ts';
import { loadWasm } from './wasm.ts';

const WASM = 'wasm-simd128';

const unitsOf = (plan: Plan): number => Math.max(...plan.lstm.map(({ units }) => units));

const infoOf = ({ kind }: Core, instructionSet: string): EngineInfo => ({
  name: 'core',
  variant: `${kind}-${instructionSet}`,
  device: 'CPU:0',
  versions: { node: process.version },
});

/** The C++ core as an engine. The bits of its results depend on the variant and the plan, not on the number of threads. */
export const coreEngine = (core: Core): Engine => ({
  info: infoOf(core, core.instructionSet),
  infoFor: (plan) => infoOf(core, core.instructionSetFor(unitsOf(plan))),
  compile: (plan, optimizer, maxRows) =>
    new Model(plan, optimizer, maxRows, core.open(describePlan(plan, optimizer, maxRows), unitsOf(plan))),
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

/** The variants of this machine, the widest vectors first; those of the addon only where it was built. */
export function coreVariants(): string[] {
  try {
    return [...nativeInstructionSets().map((set) => `native-${set}`), WASM];
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    return [WASM];
  }
}

/** One of `coreVariants`, or "native" or "wasm" for the best of its kind; null for other names. Throws EngineUnavailable where it cannot run. */
export function loadCoreVariant(variant: string, threads: number): Engine | null {
  if (variant === 'wasm' || variant === WASM) return coreEngine(loadWasm(threads));
  const native = /^native(?:-(\w+))?$/.exec(variant);
  return native ? coreEngine(loadNative(threads, native[1])) : null;
}
