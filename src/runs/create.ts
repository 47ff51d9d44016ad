import { JobNotFound } from '../contract/errors.ts';
import type { Blobs } from '../storage/storage.ts';
import type { Accepted, Birth } from './birth.ts';
import { changeRecord, createRecord, logChange, markUnfinished, NOTHING_GREW, type Unfinished } from './changes.ts';
import { NO_CHECKPOINTS } from './checkpoints/entry.ts';
import { sealed } from './json.ts';
import { runKey, unfinishedKey } from './keys.ts';
import { adopt, withdraw } from './lifecycle.ts';
import type { Listed, Numbered, RunRecord } from './record.ts';
import { removeRun } from './remove.ts';
import type { Run } from './run.ts';

/** The birth certificate of a run that is accepted now. */
export const certify = (accepted: Accepted, epochd: string, now: Date): Birth => ({
  version: 2,
  spec: accepted.spec,
  data: accepted.data,
  plan: accepted.plan,
  owner: null,
  parent: null,
  from: null,
  submitted_at: now.toISOString(),
  epochd,
});

/** What `readRun` gives of a run that no worker has taken yet. */
export const newborn = (id: string, birth: Birth, record: RunRecord): Run => ({
  id,
  birth,
  spec: birth.spec,
  record,
  revision: record.revision,
  epochs: 0,
  last: null,
  checkpoints: NO_CHECKPOINTS,
  trainedMs: 0,
});

/**
 * Writes a new run, queued. When this resolves the run survives kill -9 and a power cut. A run of this id that is there already, made
 * by a request that died or still works, becomes this request's too: nobody can withdraw it then who counts on it alone.
 * Throws JobNotFound when the id was withdrawn or deleted: then another one is to be taken.
 */
export async function createRun(blobs: Blobs, id: string, birth: Birth, now: () => Date): Promise<Numbered> {
  const marker = { id, retries: 0 };
  await markUnfinished(blobs, marker);
  await blobs.putIfAbsent(runKey(id, 'run.json'), sealed(birth));
  const made = await createRecord(blobs, id, listedOf(birth), now());
  if (made) {
    await keepMarked(blobs, marker, birth);
    await logChange(blobs, id, made.sequence, now());
    return made;
  }
  return changeRecord(
    blobs,
    id,
    now,
    async () => NOTHING_GREW,
    ({ record }) => adopt(record),
  );
}

/** Takes a run back that is still as its maker left it, and removes it: false when others count on it, or a worker has taken it. */
export async function withdrawRun(blobs: Blobs, id: string, made: Numbered, now: () => Date): Promise<boolean> {
  const { isNew } = await changeRecord(
    blobs,
    id,
    now,
    async () => NOTHING_GREW,
    (present) => withdraw(present, made),
  ).catch((error: unknown) => {
    if (error instanceof JobNotFound) return { isNew: false };
    throw error;
  });
  if (isNew) await removeRun(blobs, id);
  return isNew;
}

const listedOf = ({ spec: { name, metadata, callbacks }, owner }: Birth): Listed => ({
  owner,
  name,
  metadata,
  monitor: callbacks.checkpoint.monitor,
  best: null,
});

/** What was put before the record may have been swept as the leftover of a dead process, if this one slept for an hour. */
async function keepMarked(blobs: Blobs, marker: Unfinished, birth: Birth): Promise<void> {
  if ((await blobs.size(unfinishedKey(marker.id, marker.retries))) !== null) return;
  await blobs.putIfAbsent(runKey(marker.id, 'run.json'), sealed(birth));
  await markUnfinished(blobs, marker);
}
