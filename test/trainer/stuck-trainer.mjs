// A trainer whose main thread gets stuck in the middle of its work, as in a call of an engine: EPOCHD_TEST_STUCK says how.

await import('../../dist/trainer/main.js');

const AT_WORK_MS = 100;
const LONG_MS = 6000;

const stuck = {
  computing: () => {
    for (;;);
  },
  'computing for long': () => {
    for (const start = performance.now(); performance.now() - start < LONG_MS; );
    process.stdout.write('came around\n');
  },
  waiting: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};
process.once('message', () =>
  setTimeout(() => {
    process.stdout.write('gets stuck\n');
    setImmediate(() => stuck[process.env.EPOCHD_TEST_STUCK]());
  }, AT_WORK_MS),
);
