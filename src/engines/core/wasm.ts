import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { EngineUnavailable } from '../../contract/errors.ts';
import { type Call, type Core, type Machine, MODES, PORT_COUNT, readPorts } from './machine.ts';

/** core/hosts/wasm.cpp. Addresses and sizes are in bytes. */
interface Exports {
  /** Where memory begins that the module itself does not use. */
  heap(): number;
  size(description: number): number;
  create(description: number, model: number): void;
  ports(model: number, to: number): void;
  run(model: number, mode: number, rows: number, weighted: number, learningRate: number, iteration: number): number;
  stop(model: number): void;
  apply(mathFunction: number, numbers: number, count: number): void;
}

const WASM_FILE = new URL('../../../core/core.wasm', import.meta.url);
const THREAD_FILE = new URL('../../../core/hosts/wasm-thread.mjs', import.meta.url);

const PAGE = 65_536;
/** All that 32 bits can address; only what is used is ever backed by memory. */
const MAXIMUM_PAGES = 65_536;
const STACK = 4 * PAGE;

/**
 * The WebAssembly module on `threads` threads. Each model has a memory of its own, of up to 4 GiB. Throws EngineUnavailable when
 * this Node cannot run it.
 */
export function loadWasm(threads: number): Core {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(readFileSync(WASM_FILE));
  } catch (cause) {
    throw new EngineUnavailable(`${WASM_FILE.pathname} cannot be loaded: expected a Node with WebAssembly SIMD and threads`, { cause });
  }
  return {
    kind: 'wasm',
    instructionSet: 'simd128',
    instructionSetFor: () => 'simd128',
    open: (description) => wasmMachine(module, description, threads),
    apply: (mathFunction, numbers) => {
      const { memory, exports, heap } = instantiate(module);
      reserve(memory, heap + numbers.byteLength);
      const copy = new Float32Array(memory.buffer, heap, numbers.length);
      copy.set(numbers);
      exports.apply(mathFunction, heap, numbers.length);
      numbers.set(copy);
    },
  };
}

const aligned = (address: number): number => Math.ceil(address / 64) * 64;

function instantiate(module: WebAssembly.Module) {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES, shared: true });
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports;
  return { memory, exports, heap: aligned(exports.heap()) };
}

function reserve(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw new RangeError(`a model of ${bytes} bytes: WebAssembly has at most ${MAXIMUM_PAGES * PAGE}`, { cause });
  }
}

/** Memory from `heap` on: the description, later overwritten by the ports; the model; the helpers' stacks. */
function wasmMachine(module: WebAssembly.Module, description: Float64Array, threads: number): Machine {
  const { memory, exports, heap } = instantiate(module);
  const model = aligned(heap + Math.max(description.byteLength, PORT_COUNT * Float64Array.BYTES_PER_ELEMENT));
  reserve(memory, model);
  new Float64Array(memory.buffer, heap, description.length).set(description);
  const stacks = model + aligned(exports.size(heap));
  reserve(memory, stacks + (threads - 1) * STACK);
  exports.create(heap, model);
  exports.ports(model, heap);
  const ports = readPorts(new Float64Array(memory.buffer, heap, PORT_COUNT).map((offset) => offset + model));
  for (let n = 1; n < threads; n++) startThread({ module, memory, model, stack: stacks + n * STACK });
  return {
    memory: memory.buffer,
    ports,
    run: ({ mode, rows, weighted, learningRate, iteration }: Call) =>
      exports.run(model, MODES[mode], rows, Number(weighted), learningRate, iteration),
    close: () => exports.stop(model),
  };
}

/** A helper sleeps while there is no work; it does not keep the process alive. */
function startThread(workerData: { module: WebAssembly.Module; memory: WebAssembly.Memory; model: number; stack: number }): void {
  new Worker(THREAD_FILE, { workerData }).unref();
}
