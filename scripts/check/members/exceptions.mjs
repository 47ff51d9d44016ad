const SENT = 'clients, who are sent it';

/**
 * Members that no statement of src/ reads, by their file or by the declaration in it that they belong to: who reads them.
 * @type {Readonly<Record<string, string>>}
 */
export const EXCEPTIONS = {
  'src/config/setting.ts Setting': "the README's table of settings, which a test compares with them",
  'src/engines/core/machine.ts Core': 'tests: the functions of each instruction set, beside float64',
  'src/engines/core/wasm.ts startThread': 'core/hosts/wasm-thread.mjs',
  'src/engines/core/webassembly.d.ts': "the machine's WebAssembly",
  'src/engines/tensorflow/binding.ts': "tfjs-node's addon",
  'src/jobs/capabilities.ts Capabilities': SENT,
  'src/jobs/report.ts SpecReport': SENT,
  'src/queue/queue.ts QueueDepth': SENT,
};
