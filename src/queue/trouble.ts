import type { Logger } from 'pino';

const FIRST_MS = 10_000;
const LONGEST_MS = 600_000;
const REASONS = 5;

/** A trouble that lasts: each reason is said once, then at growing intervals, and its end. */
export interface Trouble {
  tell(reason: string): void;
  over(): void;
}

/** `reasons`: so many different ones are said at once; more only say that one follows the other. */
export function troubleWith(log: Logger, fields: object, trouble: string, over: string, reasons = REASONS): Trouble {
  const told = new Set<string>();
  let interval = FIRST_MS;
  let next = 0;
  return {
    tell(reason) {
      const now = performance.now();
      if (told.size > 0 && now < next && (told.has(reason) || told.size >= reasons)) return;
      if (told.size > 0 && now >= next) interval = Math.min(2 * interval, LONGEST_MS);
      if (told.size === 0 || now >= next) next = now + interval;
      told.add(reason);
      log.warn({ ...fields, reason }, trouble);
    },
    over() {
      if (told.size > 0) log.info(fields, over);
      told.clear();
      interval = FIRST_MS;
    },
  };
}
