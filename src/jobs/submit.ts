import { createHash } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import { canonicalJson } from '../contract/canonical-json.ts';
import { QueueUnavailable } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import type { Accepted } from '../runs/birth.ts';
import { certify, newborn } from '../runs/create.ts';
import type { FolderGuard } from '../runs/folder-guard.ts';
import { unlessDown } from './actions.ts';
import type { Jobs } from './context.ts';
import { presentJob } from './resource.ts';

/** Ids of jobs, each one higher than those that this process made before it. */
export function newJobIds(): () => string {
  const next = monotonicFactory();
  return () => `job_${next()}`;
}

/**
 * Makes a job, once for each Idempotency-Key. When this resolves the run survives the loss of any process; when it throws there is
 * no run, unless another request with the key counts on it. Throws QueueUnavailable, StorageFull, StorageUnavailable,
 * DataFolderMismatch, IdempotencyConflict, IdempotencyKeyReused.
 */
export async function submit(jobs: Jobs, accepted: Accepted, key: string | undefined): Promise<{ job: Job; replayed: boolean }> {
  if (key === undefined) return { job: await start(jobs, jobs.newJobId(), accepted, async () => true), replayed: false };
  const fingerprint = createHash('sha256').update(canonicalJson(accepted.spec)).digest('hex');
  return jobs.keys.once(key, fingerprint, jobs.newJobId, (id, free) => start(jobs, id, accepted, free));
}

/** `free`: whether nobody else has the id, or will have it. */
async function start(jobs: Jobs, id: string, accepted: Accepted, free: () => Promise<boolean>): Promise<Job> {
  const { runs, queue, folder, version } = jobs;
  const identity = await claimFolder(folder, free);
  const birth = certify(accepted, version, new Date());
  const made = await runs.create(id, birth);
  const { retries } = made.record;
  try {
    await queue.add(id, accepted.spec.priority, retries, identity);
  } catch (error) {
    // An add that timed out may have happened: then a worker may hold the run already.
    if (!(error instanceof QueueUnavailable)) throw error;
    if ((await free()) && (await runs.withdraw(id, made))) {
      // Nobody waits for that: should it not get through either, a worker drops the entry of a run that is not there, in time.
      void unlessDown(queue.remove(id, retries));
      throw error;
    }
    // Whoever reconciles adds it.
    return presentJob(jobs, await runs.read(id));
  }
  // Another request with the key may have made the run, and a worker taken it since.
  return presentJob(jobs, made.record.claim === 0 ? newborn(id, birth, made.record) : await runs.read(id));
}

/** Nothing is made yet when that throws. */
async function claimFolder(folder: FolderGuard, free: () => Promise<boolean>): Promise<string | undefined> {
  try {
    return await folder.claim();
  } catch (error) {
    await free();
    throw error;
  }
}
