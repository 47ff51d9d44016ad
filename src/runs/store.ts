import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EpochdError, JobNotFound } from '../contract/errors.ts';
import { isTerminal, jobIdSchema } from '../contract/job.ts';
import type { Spec } from '../contract/spec.ts';
import { anyStorageError } from '../contract/storage-error.ts';
import { hasCode, named, syncFolder, writeDurably } from '../storage/files.ts';
import { type Claim, openClaim } from './claim.ts';
import * as lifecycle from './lifecycle.ts';
import { dropOlderClaims } from './prepare.ts';
import { type Change, changeRecord, createRecord, type RunRecord, readRecord } from './record.ts';
import { type Run, readRun } from './run.ts';

/*
 *   <data>/runs/<id>/  spec.json  state/  claims/
 *
 * The run directories are the record of everything; the queue only says what to look at next.
 */

/** Writers besides trainers. All throw JobNotFound for an unknown id, StorageFull and StorageUnavailable. */
export interface Runs {
  /** Where the run directories lie. */
  readonly folder: string;
  /** Writes a new run, queued. When this resolves the run survives kill -9 and a power cut. */
  create(id: string, spec: Spec): Promise<void>;
  read(id: string): Promise<Run>;
  readRecord(id: string): Promise<RunRecord>;
  /** Every id, newest first. */
  list(): Promise<string[]>;
  cancel(id: string): Promise<RunRecord>;
  retry(id: string): Promise<RunRecord>;
  /** Takes the run for a worker: the record shows what became of it, `running` if it is the worker's to train. Throws EntryOutlived. */
  claim(id: string, claimant: lifecycle.Claimant): Promise<RunRecord>;
  openClaim(id: string, claim: number): Promise<Claim>;
  handOver(id: string, claim: number): Promise<RunRecord>;
  requeue(id: string, claim: number, error: EpochdError): Promise<RunRecord>;
  succeed(id: string, claim: number, reason: string): Promise<RunRecord>;
  fail(id: string, claim: number, error: EpochdError): Promise<RunRecord>;
  /** Removes the run and everything of it. */
  remove(id: string): Promise<void>;
}

/** Opens (and makes) the folder of run directories. Throws StorageFull, StorageUnavailable. */
export async function openRuns(dataDir: string): Promise<Runs> {
  const folder = join(dataDir, 'runs');
  await naming(folder, () => mkdir(folder, { recursive: true }));

  const at = async <T>(id: string, work: (path: string) => Promise<T>): Promise<T> => {
    const path = pathOf(folder, id);
    return naming(path, () => work(path));
  };

  const change = (id: string, decide: (record: RunRecord, epochs: number) => Change | null): Promise<RunRecord> =>
    at(id, (path) => changeRecord(path, id, new Date(), decide));

  const end = async (id: string, claim: number, decide: (record: RunRecord) => Change): Promise<RunRecord> => {
    const record = await change(id, decide);
    if (isTerminal(record.state)) await at(id, (path) => dropOlderClaims(path, claim));
    return record;
  };

  return {
    folder,
    create: (id, spec) => at(id, () => createRun(folder, id, spec)),
    read: (id) => at(id, (path) => readRun(path, id)),
    readRecord: (id) => at(id, (path) => readRecord(path, id)),
    list: () => naming(folder, () => listRuns(folder)),
    cancel: (id) => change(id, (record) => lifecycle.cancel(record, id)),
    retry: (id) => change(id, (record) => lifecycle.retry(record, id)),
    claim: (id, claimant) => change(id, (record, epochs) => lifecycle.claim(record, epochs, claimant)),
    openClaim: (id, claim) => at(id, (path) => openClaim(path, id, claim)),
    handOver: (id, claim) => change(id, (record, epochs) => lifecycle.handOver(record, epochs, id, claim)),
    requeue: (id, claim, error) => change(id, (record, epochs) => lifecycle.requeue(record, epochs, id, claim, error)),
    succeed: (id, claim, reason) => end(id, claim, (record) => lifecycle.succeed(record, id, claim, reason)),
    fail: (id, claim, error) => end(id, claim, (record) => lifecycle.fail(record, id, claim, error)),
    remove: (id) => at(id, () => removeRun(folder, id)),
  };
}

/** The door to the files: nobody beyond it decides on what the system says. */
async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw anyStorageError(error, path);
  }
}

/** An id that is none never becomes a path. Throws JobNotFound. */
function pathOf(folder: string, id: string): string {
  if (!jobIdSchema.safeParse(id).success) throw new JobNotFound(id);
  return join(folder, id);
}

async function createRun(folder: string, id: string, spec: Spec): Promise<void> {
  const temporary = join(folder, `.${id}.tmp`);
  await named(temporary, async () => {
    try {
      await mkdir(temporary);
      await writeDurably(join(temporary, 'spec.json'), JSON.stringify(spec, null, 2));
      await createRecord(temporary, new Date());
      await rename(temporary, pathOf(folder, id));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
  await syncFolder(folder);
}

async function listRuns(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => jobIdSchema.safeParse(name).success)
    .sort()
    .reverse();
}

/** First out of sight by a rename, then gone: a reader never sees half a run. */
async function removeRun(folder: string, id: string): Promise<void> {
  const hidden = join(folder, `.${id}.removed`);
  try {
    await rename(pathOf(folder, id), hidden);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new JobNotFound(id);
    throw error;
  }
  await rm(hidden, { recursive: true, force: true });
}
