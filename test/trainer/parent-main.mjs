import { startChild } from '../../dist/worker/child.js';

// parent-main.mjs FILE: starts a child as a worker does, and says which process it is.

const child = startChild(process.argv[2], process.env, 'ignore');
process.stdout.write(`${child.pid}\n`);
