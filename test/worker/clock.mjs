import { readFileSync } from 'node:fs';

// --import clock.mjs: a process whose clock is off by the milliseconds in the file EPOCHD_TEST_CLOCK, from one look to the next.

const Truth = globalThis.Date;
const now = () => Truth.now() + Number(readFileSync(process.env.EPOCHD_TEST_CLOCK, 'utf8'));

globalThis.Date = class extends Truth {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
};
