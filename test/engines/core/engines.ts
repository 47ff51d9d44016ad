import { coreEngine } from '../../../src/engines/core/engine.ts';
import { loadNative, nativeInstructionSets } from '../../../src/engines/core/native.ts';
import type { Engine } from '../../../src/training/engine.ts';

/** Every core of this machine. */
export const engines = (threads = 2): Engine[] => nativeInstructionSets().map((set) => coreEngine(loadNative(threads, set)));
