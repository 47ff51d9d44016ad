import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { pacedByClock } from './preload.ts';

/** The clock of one process and its children, as clock.mjs in them keeps it. */
export interface Clock {
  /** For the process. */
  readonly env: { readonly NODE_OPTIONS: string };
  /** Puts it off by as many milliseconds. */
  set(ms: number): void;
  /** By how much it was off when the process last asked for the time. */
  felt(): number;
}

export function openClock(file: string): Clock {
  const set = (ms: number): void => {
    writeFileSync(`${file}.new`, String(ms));
    renameSync(`${file}.new`, file);
  };
  set(0);
  writeFileSync(`${file}.felt`, '0');
  return { env: pacedByClock(file), set, felt: () => Number(readFileSync(`${file}.felt`, 'utf8')) };
}
