/** Byte offsets of the arrays through which a model is fed and read, as core/variant.hpp lists them. */
export interface Ports {
  readonly tokens: number;
  readonly numbers: number;
  readonly targets: number;
  readonly sampleWeights: number;
  readonly masks: number;
  readonly outputs: number;
  readonly loss: number;
  readonly weights: number;
  readonly slots: readonly [number, number, number];
}

export type Mode = 'predict' | 'evaluate' | 'train';

/** What a machine is asked for once: what to do with the first `rows` rows that its ports hold. */
export interface Call {
  readonly mode: Mode;
  readonly rows: number;
  readonly weighted: boolean;
  readonly learningRate: number;
  readonly iteration: number;
}

/** One model laid out in memory, with the threads that work on it: native or WebAssembly. */
export interface Machine {
  readonly memory: ArrayBufferLike;
  readonly ports: Ports;
  /** Returns 0; or, with the weights as they were, 1 for a token outside the vocabulary, 2 for a label that is no class, 3 for an input that is not finite. */
  run(call: Call): number;
  close(): void;
}

/** A compiled core that can lay out models. */
export interface Core {
  /** "native" or "wasm". */
  readonly kind: string;
  /** The widest one of this machine, such as "avx512". */
  readonly instructionSet: string;
  /** The one that a model runs on whose largest LSTM layer has so many units. */
  instructionSetFor(units: number): string;
  /** `units`: of the largest LSTM layer. Throws RangeError when the memory for it cannot be had. */
  open(description: Float64Array, units: number): Machine;
  /** exp (0), tanh (1), sigmoid (2) or log (3) of each number, in place; their count is a multiple of 16. */
  apply(mathFunction: number, numbers: Float32Array): void;
}

export const MODES: Readonly<Record<Mode, number>> = { predict: 0, evaluate: 1, train: 2 };

/** The numbers of CorePorts in core/variant.hpp, its last one being the size of what is shown. */
export const PORT_COUNT = 12;

export function readPorts(list: Float64Array): Ports {
  const [tokens, numbers, targets, sampleWeights, masks, outputs, loss, weights, ...slots] = Array.from(list) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { tokens, numbers, targets, sampleWeights, masks, outputs, loss, weights, slots: [slots[0], slots[1], slots[2]] };
}
