import { createHash } from 'node:crypto';
import { JobNotFound, StorageUnavailable } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { IdempotencyConflict, IdempotencyKeyReused } from './errors.ts';
import { type Hours, openHours } from './hours.ts';

/*
 *   idempotency/<sha256 of the key>/000001.json     { id, fingerprint, at, hour, response }
 *
 * The highest number is the present reservation; `response` is null while its request is being worked on. A reservation whose request
 * gives no answer for long is succeeded by the next number, under the same id: should both be alive, they make one job.
 */

const ROOT = 'idempotency';
const KEPT_HOURS = 24;
/** Longer than a live request takes. It decides how long others are asked to wait, and nothing else: clocks may differ. */
const ABANDONED_MS = 10_000;

interface Reservation {
  /** The id that the job has or gets. */
  readonly id: string;
  readonly fingerprint: string;
  readonly at: string;
  /** When it was made, by a clock that nobody can set; missing in version 0.1.0. */
  readonly hour?: number;
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

export function openIdempotencyKeys(blobs: Blobs, hours: Hours = openHours(blobs), now: () => number = Date.now): IdempotencyKeys {
  /** Of version 0.1.0: they are kept from the hour on in which they are first looked at. */
  const isExpired = ({ hour }: Reservation, present: number): boolean => hour !== undefined && present - hour > KEPT_HOURS;
  const isAbandoned = ({ at }: Reservation): boolean => Math.abs(now() - Date.parse(at)) > ABANDONED_MS;

  return {
    async once(key, fingerprint, newId, work) {
      const folder = `${ROOT}/${createHash('sha256').update(key).digest('hex')}`;
      const { number, reservation } = await readNewest(blobs, folder);
      const hour = await hours.now();
      const standing = reservation !== null && !isExpired(reservation, hour) ? reservation : null;
      if (standing !== null && standing.fingerprint !== fingerprint) throw reused(key);
      if (standing?.response) return { job: standing.response, replayed: true };
      if (standing !== null && !isAbandoned(standing)) throw conflict(key);
      const mine: Reservation = { id: standing?.id ?? newId(), fingerprint, at: new Date(now()).toISOString(), hour, response: null };
      const place = keyOf(folder, number + 1);
      if (!(await blobs.putIfAbsent(place, JSON.stringify(mine)))) throw conflict(key);
      const { id, job } = await workOrForget(blobs, place, () => withFreshId(mine.id, newId, work));
      await blobs.put(place, JSON.stringify({ ...mine, id, response: job }));
      return { job, replayed: false };
    },
    async sweep() {
      const hour = await hours.now();
      for (const name of await blobs.children(ROOT)) {
        const { reservation } = await readNewest(blobs, `${ROOT}/${name}`);
        if (reservation === null || isExpired({ ...reservation, hour: reservation.hour ?? 0 }, hour))
          await blobs.removeAll(`${ROOT}/${name}`);
      }
    },
  };
}

const conflict = (key: string): IdempotencyConflict =>
  new IdempotencyConflict(`a request with Idempotency-Key ${JSON.stringify(key)} is still being worked on`);

const reused = (key: string): IdempotencyKeyReused =>
  new IdempotencyKeyReused(`Idempotency-Key ${JSON.stringify(key)} was used for another job: expected the same spec, or a new key`);

async function readNewest(blobs: Blobs, folder: string): Promise<{ number: number; reservation: Reservation | null }> {
  const number = Number.parseInt((await blobs.children(folder)).at(-1) ?? '0', 10);
  // Not there: nothing is reserved, or work that failed is being forgotten at this moment.
  const bytes = number === 0 ? null : await blobs.get(keyOf(folder, number));
  return { number, reservation: bytes && (JSON.parse(bytes.toString()) as Reservation) };
}

const keyOf = (folder: string, number: number): string => `${folder}/${String(number).padStart(6, '0')}.json`;

/** The request that reserved the id before may have withdrawn its run: an id is not given twice. */
async function withFreshId(id: string, newId: () => string, work: (id: string) => Promise<Job>): Promise<{ id: string; job: Job }> {
  try {
    return { id, job: await work(id) };
  } catch (error) {
    if (!(error instanceof JobNotFound)) throw error;
    const fresh = newId();
    return { id: fresh, job: await work(fresh) };
  }
}

async function workOrForget<T>(blobs: Blobs, place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Storage that fails says nothing of whether the job was made: whoever comes next under this key goes on with the same id.
    if (!(error instanceof StorageUnavailable)) await blobs.remove([place]);
    throw error;
  }
}
