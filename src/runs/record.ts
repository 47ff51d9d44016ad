import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobNotFound } from '../contract/errors.ts';
import type { JobError, JobState, JobTransition } from '../contract/job.ts';
import { createFile, hasCode } from '../storage/files.ts';
import { countEpochs } from './claim-folder.ts';

/*
 *   state/000001.json   queued
 *   state/000002.json   running, claim 1      Each file is the whole record; the highest number is the present.
 *   state/000003.json   running, claim 2      A writer creates number n + 1 from number n with link(2): if another
 *   state/000004.json   succeeded             was first, it reads again and decides again. So there is exactly one
 *                                             history of states, whoever writes, without a lock that could be left behind.
 */

/** What is true of a run as a whole. `claim` is the fence number: it rises each time a worker takes the run. */
export interface RunRecord {
  readonly state: JobState;
  readonly reason: string;
  readonly claim: number;
  /** Claims that were spent: a hand-over gives its own back. */
  readonly attempt: number;
  /** Attempts since the history last grew: bounds runs that kill their trainer. */
  readonly fruitless: number;
  /** Attempts in a row that ended for reasons that the run is not to blame for; records of version 0.1.0 do not count them. */
  readonly blameless?: number;
  /** How often the run entered the queue anew by a retry. */
  readonly retries: number;
  readonly revision: number;
  /** Epochs in the history when this record was made. */
  readonly epochs: number;
  readonly worker: string | null;
  readonly error: JobError | null;
  readonly transitions: readonly JobTransition[];
}

export type Change = Partial<Omit<RunRecord, 'revision' | 'transitions' | 'state' | 'reason'>> & Pick<RunRecord, 'state' | 'reason'>;

const fileName = (sequence: number): string => `${String(sequence).padStart(6, '0')}.json`;

/** Creates the first record of a run. */
export async function createRecord(folder: string, now: Date): Promise<void> {
  await mkdir(join(folder, 'state'));
  const transition: JobTransition = { from: null, to: 'queued', at: now.toISOString(), reason: 'submitted', attempt: 0 };
  const record: RunRecord = {
    state: 'queued',
    reason: 'submitted',
    claim: 0,
    attempt: 0,
    fruitless: 0,
    blameless: 0,
    retries: 0,
    revision: 1,
    epochs: 0,
    worker: null,
    error: null,
    transitions: [transition],
  };
  await createFile(join(folder, 'state', fileName(1)), JSON.stringify(record));
}

/** Throws JobNotFound. */
export const readRecord = async (folder: string, id: string): Promise<RunRecord> => (await readNewest(folder, id)).record;

/**
 * Moves a run on: `decide` sees the present record and gives the change, or null for none; it may be asked again when
 * another process was faster. Resolves to the record that holds afterwards. Throws JobNotFound, StorageFull and what `decide` throws.
 */
export async function changeRecord(
  folder: string,
  id: string,
  now: Date,
  decide: (record: RunRecord, epochs: number) => Change | null,
): Promise<RunRecord> {
  for (;;) {
    const { sequence, record } = await readNewest(folder, id);
    const epochs = await countEpochs(folder, record.claim);
    const change = decide(record, epochs);
    if (change === null) return record;
    const next = apply(record, change, epochs, now);
    if (await createFile(join(folder, 'state', fileName(sequence + 1)), JSON.stringify(next))) return next;
  }
}

/** Rises with every record and every epoch in the history. */
export const revisionOf = (record: RunRecord, epochs: number): number => record.revision + Math.max(0, epochs - record.epochs);

function apply(record: RunRecord, change: Change, epochs: number, now: Date): RunRecord {
  const next = { ...record, error: null, epochs, ...change, revision: revisionOf(record, epochs) + 1 };
  const { state: to, reason, attempt } = next;
  return { ...next, transitions: [...record.transitions, { from: record.state, to, at: now.toISOString(), reason, attempt }] };
}

async function readNewest(folder: string, id: string): Promise<{ sequence: number; record: RunRecord }> {
  try {
    const names = (await readdir(join(folder, 'state'))).filter((name) => /^\d{6}\.json$/.test(name)).sort();
    const newest = names.at(-1);
    if (newest === undefined) throw new JobNotFound(id);
    const record = JSON.parse(await readFile(join(folder, 'state', newest), 'utf8')) as RunRecord;
    return { sequence: Number.parseInt(newest, 10), record };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) throw new JobNotFound(id);
    throw error;
  }
}
