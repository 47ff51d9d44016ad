import { workerData } from 'node:worker_threads';

/* A helper thread of a WebAssembly model: an instance of its own over the shared memory, on a stack of its own. */
const { module, memory, model, stack } = workerData;
const { __stack_pointer: stackPointer, serve } = new WebAssembly.Instance(module, { env: { memory } }).exports;
stackPointer.value = stack;
serve(model);
