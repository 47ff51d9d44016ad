import { holdLifeline } from '../../dist/trainer/lifeline.js';

// A child whose main thread never comes around: EPOCHD_TEST_STUCK says whether it computes.

holdLifeline();
if (process.env.EPOCHD_TEST_STUCK === 'computing') for (;;);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
