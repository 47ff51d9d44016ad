import '../../dist/worker/trainer.js';

// A trainer whose main thread gets stuck in the middle of its work: EPOCHD_TEST_STUCK says how.

const stuck = {
  computing: () => {
    for (;;);
  },
  waiting: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};
setTimeout(stuck[process.env.EPOCHD_TEST_STUCK], 1500);
