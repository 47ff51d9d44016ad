import { cpus } from 'node:os';
import type { Race } from './race.ts';

export type Row = readonly string[];

/** A table in Markdown. */
export const tableOf = (header: Row, rows: readonly Row[]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** What stands in a cell without a number. */
export const NOTHING = '-';

/** Three digits; `NOTHING` for what was not measured. */
export const show = (value: number | undefined): string => (value === undefined ? NOTHING : String(Number(value.toPrecision(3))));

/** `ours / theirs`, where both were measured. */
export const ratio = (ours: number | undefined, theirs: number | undefined): number | undefined =>
  ours === undefined || theirs === undefined ? undefined : ours / theirs;

/** An engine and the variant that it ran as, unless its name says so; a peer has none. */
export const nameWith = (name: string, variant: string | undefined): string =>
  variant === undefined || name.endsWith(variant) ? name : `${name} (${variant})`;

/** What a table was measured on, and who is missing in it. */
export function footnotes({ skipped, failed }: Race<unknown>): string {
  const processors = cpus();
  return [
    `Measured on ${processors.length} x ${processors[0]?.model ?? 'unknown'}, Node ${process.versions.node}.`,
    ...skipped.map((reason) => `Skipped: ${reason}`),
    ...failed.map((reason) => `Failed: ${reason}`),
  ].join('\n\n');
}
