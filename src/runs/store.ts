import { JobNotFound } from '../contract/errors.ts';
import { isTerminal, jobIdSchema } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import type { Birth } from './birth.ts';
import { changeRecord, type Grown, listUnfinished, logChange, NOTHING_GREW, type Unfinished } from './changes.ts';
import { type Claim, type ClaimOptions, openClaim } from './claims/claim.ts';
import { createRun, withdrawRun } from './create.ts';
import { RUNS } from './keys.ts';
import * as lifecycle from './lifecycle.ts';
import { claimOf, findRun, readRun } from './read-run.ts';
import { type ResultReader, resultReader } from './reading.ts';
import { type Change, type Numbered, type RunRecord, readPresent } from './record.ts';
import { remove } from './remove.ts';
import { retryRun } from './retry.ts';
import type { DamagedRun, Run } from './run.ts';
import { markStrays, openSettlement, seeThrough } from './settle.ts';
import { upgrade } from './version-1/upgrade.ts';

/*
 * The runs are the record of everything; the queue only says what to look at next. Where everything of a run lies: keys.ts
 */

/** Writers besides trainers, and readers. All throw JobNotFound for an unknown id, RunDamaged, StorageFull and StorageUnavailable. */
export interface Runs extends ResultReader {
  /** As `createRun`. */
  create(id: string, birth: Birth): Promise<Numbered>;
  /** As `withdrawRun`: false when others count on the run. */
  withdraw(id: string, made: Numbered): Promise<boolean>;
  read(id: string): Promise<Run>;
  /** As `read`, and what is left of a damaged run. */
  find(id: string): Promise<Run | DamagedRun>;
  readRecord(id: string): Promise<RunRecord>;
  /** Every id, newest first; of some of them nothing may be there any more. */
  list(): Promise<string[]>;
  /** Runs that have not ended, or whose end was not seen through, oldest first. Reads none of them. */
  listUnfinished(): Promise<Unfinished[]>;
  /** Sees through what a process that died left undone, if the run has ended. True when it has not. */
  settle(unfinished: Unfinished): Promise<boolean>;
  /** As `markStrays`. */
  markStrays(): Promise<void>;
  cancel(id: string): Promise<RunRecord>;
  retry(id: string): Promise<RunRecord>;
  /** Takes the run for a worker: the record shows what became of it, `running` if it is the worker's to train. Throws EntryOutlived. */
  claim(id: string, claimant: lifecycle.Claimant): Promise<RunRecord>;
  openClaim(id: string, claim: number, options: ClaimOptions): Promise<Claim>;
  /** Ends a claim, as `lifecycle.end`. `trainedMs`: over all claims. Throws FenceLost. */
  end(id: string, claim: number, how: lifecycle.End, trainedMs: number): Promise<RunRecord>;
  /** Removes a run that has ended, or that is damaged, and everything of it. Gives how often it was retried. Throws WrongState. */
  remove(id: string): Promise<number>;
}

/** `now` dates records; nothing is decided by it. */
export function openRuns(blobs: Blobs, now: () => Date = () => new Date()): Runs {
  const change = async (id: string, decide: (present: Numbered, epochs: number) => Change | null): Promise<RunRecord> => {
    assertId(id);
    const grown = async (record: RunRecord): Promise<Grown> => grownOf(blobs, id, record);
    const changed = await changeRecord(blobs, id, now, grown, decide);
    if (changed.isNew) await logChange(blobs, id, changed.sequence, now());
    if (changed.isNew && isTerminal(changed.record.state)) await seeThrough(blobs, id, changed.record);
    return changed.record;
  };

  return {
    ...resultReader(blobs),
    create: (id, birth) => createRun(blobs, id, birth, now),
    withdraw: (id, made) => withdrawRun(blobs, id, made, now),
    read: async (id) => readRun(blobs, assertId(id)),
    find: async (id) => findRun(blobs, assertId(id)),
    readRecord: async (id) => (await readPresent(blobs, assertId(id))).record,
    list: async () => (await blobs.children(RUNS)).filter(isId).reverse(),
    async listUnfinished() {
      await upgrade(blobs);
      return listUnfinished(blobs);
    },
    settle: openSettlement(blobs, now),
    markStrays: () => markStrays(blobs),
    cancel: (id) => change(id, ({ record }) => lifecycle.cancel(record, id)),
    retry: async (id) => retryRun(blobs, assertId(id), () => change(id, ({ record }) => lifecycle.retry(record, id))),
    claim: (id, claimant) => change(id, ({ record }, epochs) => lifecycle.claim(record, epochs, claimant)),
    openClaim: async (id, claim, options) => openClaim(blobs, assertId(id), claim, options),
    end: (id, claim, how, trainedMs) => change(id, ({ record }, epochs) => lifecycle.end(record, epochs, id, claim, how, trainedMs)),
    remove: async (id) => remove(blobs, assertId(id), now),
  };
}

const isId = (id: string): boolean => jobIdSchema.safeParse(id).success;

/** An id that is none never becomes a key. Throws JobNotFound. */
function assertId(id: string): string {
  if (!isId(id)) throw new JobNotFound(id);
  return id;
}

async function grownOf(blobs: Blobs, id: string, record: RunRecord): Promise<Grown> {
  const head = await (await claimOf(blobs, id, record))?.history.head();
  return head ? { epochs: head.epochs, best: head.index.best?.metrics ?? null } : NOTHING_GREW;
}
