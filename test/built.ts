import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { skipReason } from './skip.ts';

/* What `npx tsc` makes, and tests start as processes of their own. */

export const MAIN = resolve('dist/main.js');
export const TRAINER = resolve('dist/trainer/main.js');

const missing = [MAIN, TRAINER].filter((file) => !existsSync(file));

/** Why nothing that is built can run here, or null. */
export const notBuilt = skipReason(
  'what runs the built program',
  missing.length > 0 ? `${missing.join(' and ')} not there: run npx tsc` : null,
);
