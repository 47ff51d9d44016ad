/*
 *   runs/<id>/run.json                             the birth certificate
 *   runs/<id>/state/000001.json                    the record: the highest number is the present
 *   runs/<id>/claims/0002/head.json                put last: from then on readers look into this claim
 *   runs/<id>/claims/0002/provenance.json
 *   runs/<id>/claims/0002/history/000000.jsonl     epochs, 64 to a segment
 *   runs/<id>/claims/0002/checkpoints/0000000313.ckpt
 *   runs/<id>/exports/0002-0000000313-tfjs.json    the sums of a file that was made of a checkpoint
 *   unfinished/<id>.<retries>                      there is a run that has not ended
 *   layout.json                                    every unfinished run has its marker
 *   changes/<yyyymmddhh>/<ulid>-<id>-<n>           the run has a record n
 *
 * Each claim writes below its own prefix and nowhere else: a worker that was stopped, lost its lock and woke up again cannot touch
 * what its successor wrote.
 */

const padded = (number: number, width: number): string => String(number).padStart(width, '0');

export const RUNS = 'runs';
export const UNFINISHED = 'unfinished';
export const CHANGES = 'changes';
export const LAYOUT = 'layout.json';

export const runKey = (id: string, ...below: readonly string[]): string => [RUNS, id, ...below].join('/');

export const recordKey = (id: string, sequence: number): string => runKey(id, 'state', `${padded(sequence, 6)}.json`);

export const claimKey = (id: string, claim: number, ...below: readonly string[]): string =>
  runKey(id, 'claims', padded(claim, 4), ...below);

/** The checkpoint of an unfinished epoch, at a step that may come again as the epoch's end: its validation may be all that is left. */
export const checkpointName = (step: number, isUnfinished: boolean): string =>
  `${padded(step, 10)}${isUnfinished ? '-unfinished' : ''}.ckpt`;

export const exportKey = (id: string, claim: number, step: number, format: string): string =>
  runKey(id, 'exports', `${padded(claim, 4)}-${padded(step, 10)}-${format}.json`);

export const segmentName = (segment: number): string => `${padded(segment, 6)}.jsonl`;

export const unfinishedKey = (id: string, retries: number): string => `${UNFINISHED}/${id}.${retries}`;
