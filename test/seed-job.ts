import { ulid } from 'ulid';
import { parseSpec } from '../src/contract/explain/parse.ts';
import type { Spec } from '../src/contract/spec.ts';

/* Jobs of which it does not matter what they train. */

/** The shortest body of a job. */
export const SEED = { dataset: { source: 'imdb-mini' } };

export const seedSpec = (changes: object = {}): Spec => parseSpec({ ...SEED, ...changes });

export const newJobId = (): string => `job_${ulid()}`;
