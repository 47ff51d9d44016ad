import { existsSync } from 'node:fs';
import { coreEngine } from '../../../src/engines/core/engine.ts';
import type { Core } from '../../../src/engines/core/machine.ts';
import { ADDON_FILE, loadNative, nativeInstructionSets } from '../../../src/engines/core/native.ts';
import { loadWasm } from '../../../src/engines/core/wasm.ts';
import type { Engine } from '../../../src/training/engine.ts';

const sets = existsSync(ADDON_FILE) ? nativeInstructionSets() : [];
if (sets.length === 0) console.warn(`the native core is not tested: no ${ADDON_FILE}; node core/build.mjs builds it with a C++ compiler`);

/** Every core of this machine: the addon with each instruction set, and the WebAssembly. */
export const cores = (threads: number): Core[] => [...sets.map((set) => loadNative(threads, set)), loadWasm(threads)];

export const engines = (threads = 2): Engine[] => cores(threads).map(coreEngine);
