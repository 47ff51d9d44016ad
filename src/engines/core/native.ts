import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { EngineUnavailable } from '../../contract/errors.ts';
import { type Call, type Core, type Machine, MODES, readPorts } from './machine.ts';

interface Opened {
  readonly model: object;
  readonly memory: ArrayBuffer;
  readonly ports: Float64Array;
}

/** core/hosts/native.cpp */
interface Addon {
  sets(): InstructionSet[];
  open(set: string, description: Float64Array, threads: number): Opened;
  run(model: object, mode: number, rows: number, weighted: number, learningRate: number, iteration: number): number;
  close(model: object, memory: ArrayBuffer): void;
  apply(set: string, mathFunction: number, numbers: Float32Array): void;
}

interface InstructionSet {
  readonly name: string;
  readonly lanes: number;
}

export const ADDON_FILE = fileURLToPath(new URL('../../../core/build/core.node', import.meta.url));

function loadAddon(): Addon {
  try {
    return createRequire(import.meta.url)(ADDON_FILE) as Addon;
  } catch (cause) {
    throw new EngineUnavailable(`${ADDON_FILE} cannot be loaded: node core/build.mjs builds it with a C++ compiler`, { cause });
  }
}

/** Names of the instruction sets that the addon and this processor have, the best first. Throws EngineUnavailable without an addon. */
export const nativeInstructionSets = (): string[] =>
  loadAddon()
    .sets()
    .map(({ name }) => name);

/**
 * The native addon on `threads` threads. Without an instruction set's name each model gets the widest one whose vectors its largest
 * LSTM layer can fill by more than half. Throws EngineUnavailable when the addon was not built or the processor lacks the set.
 */
export function loadNative(threads: number, instructionSet?: string): Core {
  const addon = loadAddon();
  const sets = addon.sets();
  const usable = instructionSet === undefined ? sets : sets.filter(({ name }) => name === instructionSet);
  const [best] = usable;
  if (best === undefined) {
    throw new EngineUnavailable(`no instruction set ${instructionSet}: expected one of ${sets.map(({ name }) => name).join(', ')}`);
  }
  const instructionSetFor = (units: number): string => (usable.find(({ lanes }) => lanes < 2 * units) ?? usable.at(-1) ?? best).name;
  return {
    kind: 'native',
    instructionSet: best.name,
    instructionSetFor,
    open: (description, units) => nativeMachine(addon, addon.open(instructionSetFor(units), description, threads)),
    apply: (mathFunction, numbers) => addon.apply(best.name, mathFunction, numbers),
  };
}

const nativeMachine = (addon: Addon, { model, memory, ports }: Opened): Machine => ({
  memory,
  ports: readPorts(ports),
  run: ({ mode, rows, weighted, learningRate, iteration }: Call) =>
    addon.run(model, MODES[mode], rows, Number(weighted), learningRate, iteration),
  close: () => addon.close(model, memory),
});
