import { canonicalJson } from '../contract/canonical-json.ts';
import { JobNotFound, QueueUnavailable } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import type { Spec } from '../contract/spec.ts';
import type { RunRecord } from '../runs/record.ts';
import type { Runs } from '../runs/store.ts';
import { sha256 } from '../storage/files.ts';
import { unlessDown } from './actions.ts';
import type { Jobs } from './context.ts';
import { presentJob } from './present.ts';

/**
 * Makes a job, once for each Idempotency-Key. When this resolves the run survives the loss of any process; when it throws there is
 * no run. Throws QueueUnavailable, StorageFull, StorageUnavailable, DataFolderMismatch, IdempotencyConflict, IdempotencyKeyReused.
 */
export async function submit(jobs: Jobs, spec: Spec, key: string | undefined): Promise<{ job: Job; replayed: boolean }> {
  if (key === undefined) return { job: await start(jobs, jobs.newJobId(), spec), replayed: false };
  const fingerprint = sha256(canonicalJson(spec));
  return jobs.keys.once(key, fingerprint, jobs.newJobId, (id) => start(jobs, id, spec));
}

async function start(jobs: Jobs, id: string, spec: Spec): Promise<Job> {
  const { runs, queue, folder } = jobs;
  const identity = await folder.claim();
  const { retries } = await makeOnce(runs, id, spec);
  try {
    await queue.add(id, spec.priority, retries, identity);
  } catch (error) {
    // An add that timed out may have happened: then a worker may hold the run already.
    if (!(error instanceof QueueUnavailable)) throw error;
    if (await withdraw(runs, id)) {
      // Nobody waits for that: should it not get through either, a worker drops the entry of a run that is not there, in time.
      void unlessDown(queue.remove(id, retries));
      throw error;
    }
  }
  return presentJob(jobs, await runs.read(id));
}

/** A request that died under the same key may have made the run. */
async function makeOnce(runs: Runs, id: string, spec: Spec): Promise<RunRecord> {
  try {
    return await runs.readRecord(id);
  } catch (error) {
    if (!(error instanceof JobNotFound)) throw error;
  }
  await runs.create(id, spec);
  return runs.readRecord(id);
}

/** Removes a run, unless a worker has claimed it; one that claims it after this finds nothing. */
async function withdraw(runs: Runs, id: string): Promise<boolean> {
  const { claim } = await runs.readRecord(id);
  if (claim === 0) await runs.remove(id);
  return claim === 0;
}
