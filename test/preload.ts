import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/* Modules that are loaded into processes of the product before their own, by NODE_OPTIONS. Children inherit them. */

const PACE = importOption('test/pace.mjs');

/** Trainings take their time: see pace.mjs. */
export const PACED = { NODE_OPTIONS: PACE };

/** The same, with the clock that `file` sets: see clock.mjs. */
export const pacedByClock = (file: string): typeof PACED => ({
  NODE_OPTIONS: `${PACE} ${importOption('test/clock.mjs')}?${encodeURIComponent(file)}`,
});

function importOption(module: string): string {
  return `--import=${pathToFileURL(resolve(module)).href}`;
}
