import { readFileSync, writeFileSync } from 'node:fs';

// Loaded into a process by NODE_OPTIONS=--import, with FILE in the URL's query (?FILE): its clock is off by as many milliseconds
// as FILE holds. Only the clock of the day: performance.now() and timers know nothing of it, as on a machine whose clock was set.
// FILE.felt says by how much the clock was off when the process last looked.

const file = decodeURIComponent(new URL(import.meta.url).search.slice(1));
const RealDate = globalThis.Date;
const LOOK_AGAIN_MS = 20;
let offset = 0;
let lookedAt = Number.NEGATIVE_INFINITY;

function now() {
  if (performance.now() - lookedAt > LOOK_AGAIN_MS) {
    lookedAt = performance.now();
    const told = Number(readFileSync(file, 'utf8'));
    if (told !== offset) writeFileSync(`${file}.felt`, String(told));
    offset = told;
  }
  return RealDate.now() + offset;
}

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
