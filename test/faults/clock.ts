import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The clock of one process, as clock.mjs in it keeps it. */
export interface Clock {
  readonly file: string;
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
  return { file, set, felt: () => Number(readFileSync(`${file}.felt`, 'utf8')) };
}
