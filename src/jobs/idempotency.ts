import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnavailable } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import { createFile, named, readIfThere, replaceFile, sha256 } from '../storage/files.ts';
import { IdempotencyConflict, IdempotencyKeyReused } from './errors.ts';

/*
 *   <data>/idempotency/<sha256 of the key>/000001.json     { id, fingerprint, at, response }
 *
 * The highest number is the present reservation; `response` is null while its request is being worked on. A reservation that a
 * killed process left behind, and one that has expired, is succeeded by the next number, which only one request can create.
 */

const KEPT_MS = 24 * 3_600_000;
/** Longer than a live request takes. */
const ABANDONED_MS = 10_000;

interface Reservation {
  /** The id that the job has or gets. */
  readonly id: string;
  readonly fingerprint: string;
  readonly at: string;
  readonly response: Job | null;
}

export interface IdempotencyKeys {
  /**
   * Does the work once for each key within 24 hours; afterwards gives the first response again. Work that throws is not
   * remembered. A request that died may have made the job already: then `work` gets the same id again.
   * Throws IdempotencyConflict, IdempotencyKeyReused, StorageFull, StorageUnavailable and what the work throws.
   */
  once(key: string, fingerprint: string, newId: () => string, work: (id: string) => Promise<Job>): Promise<{ job: Job; replayed: boolean }>;
  /** Forgets what has expired. */
  sweep(): Promise<void>;
}

/** Opens (and makes) the folder of keys. */
export async function openIdempotencyKeys(dataDir: string, now: () => number = Date.now): Promise<IdempotencyKeys> {
  const root = join(dataDir, 'idempotency');
  await named(root, () => mkdir(root, { recursive: true }));
  const ageOf = ({ at }: Reservation): number => now() - Date.parse(at);

  return {
    async once(key, fingerprint, newId, work) {
      const folder = join(root, sha256(key));
      await named(folder, () => mkdir(folder, { recursive: true }));
      const { number, reservation } = await named(folder, () => readNewest(folder));
      const standing = reservation !== null && ageOf(reservation) < KEPT_MS ? reservation : null;
      if (standing !== null && standing.fingerprint !== fingerprint) throw reused(key);
      if (standing?.response) return { job: standing.response, replayed: true };
      if (standing !== null && ageOf(standing) < ABANDONED_MS) throw conflict(key);
      const mine: Reservation = { id: standing?.id ?? newId(), fingerprint, at: new Date(now()).toISOString(), response: null };
      const path = pathOf(folder, number + 1);
      if (!(await createFile(path, JSON.stringify(mine)))) throw conflict(key);
      const job = await workOrForget(path, () => work(mine.id));
      await replaceFile(path, JSON.stringify({ ...mine, response: job }));
      return { job, replayed: false };
    },
    async sweep() {
      for (const name of await readdir(root)) {
        const folder = join(root, name);
        if (now() - (await stat(folder)).mtimeMs > KEPT_MS) await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

const conflict = (key: string): IdempotencyConflict =>
  new IdempotencyConflict(`a request with Idempotency-Key ${JSON.stringify(key)} is still being worked on`);

const reused = (key: string): IdempotencyKeyReused =>
  new IdempotencyKeyReused(`Idempotency-Key ${JSON.stringify(key)} was used for another job: expected the same spec, or a new key`);

async function readNewest(folder: string): Promise<{ number: number; reservation: Reservation | null }> {
  const numbers = (await readdir(folder)).flatMap((name) => (/^\d{6}\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
  const number = Math.max(0, ...numbers);
  // Not there: nothing is reserved, or work that failed is being forgotten at this moment.
  const text = await readIfThere(pathOf(folder, number));
  return { number, reservation: text === null ? null : (JSON.parse(text) as Reservation) };
}

const pathOf = (folder: string, number: number): string => join(folder, `${String(number).padStart(6, '0')}.json`);

async function workOrForget(path: string, work: () => Promise<Job>): Promise<Job> {
  try {
    return await work();
  } catch (error) {
    // Files that fail say nothing of whether the job was made: whoever comes next under this key goes on with the same id.
    if (!(error instanceof StorageUnavailable)) await named(path, () => rm(path, { force: true }));
    throw error;
  }
}
