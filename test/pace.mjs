import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// Loaded into a process by NODE_OPTIONS=--import: a process that trains rests after each batch. So a small training lasts long enough
// to be met by a fault in the middle of an epoch, as a large one does, on a fast machine and on a busy one, and takes no processor time
// from other tests. Its bits are the same.

const REST_MS = 10;
const TRAIN = 2;
const ADDON = fileURLToPath(new URL('../core/build/core.node', import.meta.url));

const cell = new Int32Array(new SharedArrayBuffer(4));

const paced =
  (run) =>
  (model, mode, ...rest) => {
    if (mode === TRAIN) Atomics.wait(cell, 0, 0, REST_MS);
    return run(model, mode, ...rest);
  };

function paceAddon() {
  const addon = createRequire(import.meta.url)(ADDON);
  addon.run = paced(addon.run);
}

function paceWebAssembly() {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args) {
      const { exports } = new target(...args);
      return { exports: exports.run ? { ...exports, run: paced(exports.run) } : exports };
    },
  });
}

if (/[/-]trainer\b/.test(process.argv[1] ?? '')) {
  try {
    paceAddon();
  } catch {
    // Where it was not built, the core is WebAssembly.
    paceWebAssembly();
  }
}
