// A trainer that takes more memory than its job needs, bit by bit.

await import('../../dist/trainer/main.js');

const taken = [];
setInterval(() => taken.push(Buffer.alloc(64 * 2 ** 20, 1)), 20);
