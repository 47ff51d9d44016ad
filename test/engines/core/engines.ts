import { coreEngine } from '../../../src/engines/core/engine.ts';
import type { Core } from '../../../src/engines/core/machine.ts';
import { loadNative, nativeInstructionSets } from '../../../src/engines/core/native.ts';
import { loadWasm } from '../../../src/engines/core/wasm.ts';
import type { Engine } from '../../../src/training/engine.ts';

/** Every core of this machine: the addon with each instruction set, and the WebAssembly. */
export const cores = (threads: number): Core[] => [...nativeInstructionSets().map((set) => loadNative(threads, set)), loadWasm(threads)];

export const engines = (threads = 2): Engine[] => cores(threads).map(coreEngine);
