import { createHash } from 'node:crypto';
import type { Job } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { IdempotencyConflict, IdempotencyKeyReused } from './errors.ts';
import { type Hours, openHours } from './hours.ts';

/*
 *   idempotency/<sha256 of the key>/000001.json     { id, fingerprint, at, hour, response }
 *
 * The highest number is the present reservation; `response` is null while its request is being worked on. A reservation whose request
 * gives no answer for long is succeeded by the next number, under the same id: should both be alive, they make one job. A request that
 * takes its job back creates the next number first, with no id: either that succeeds, or another request has the id, and the job stays.
 */

const ROOT = 'idempotency';
const KEPT_HOURS = 24;
/** Longer than a live request takes. It decides how long others are asked to wait, and nothing else: clocks may differ. */
const ABANDONED_MS = 10_000;

interface Reservation {
  /** The id that the job has or gets; null: the key is free. */
  readonly id: string | null;
  readonly fingerprint: string;
  readonly at: string;
  /** When it was made, by a clock that nobody can set; missing in version 0.1.0. */
  readonly hour?: number;
  readonly response: Job | null;
}

type Work = (id: string, free: () => Promise<boolean>) => Promise<Job>;

export interface IdempotencyKeys {
  /**
   * Does the work once for each key within 24 hours; afterwards gives the first response again. A request that died, or still works,
   * may have made the job already: then `work` gets the same id. Work that is to be undone asks `free` first: it says whether the id is
   * this request's alone, and frees the key; who is told false leaves the job to the others. Throws IdempotencyConflict, IdempotencyKeyReused, StorageFull, StorageUnavailable and what the work throws.
   */
  once(key: string, fingerprint: string, newId: () => string, work: Work): Promise<{ job: Job; replayed: boolean }>;
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
      const standing = reservation !== null && reservation.id !== null && !isExpired(reservation, hour) ? reservation : null;
      if (standing !== null && standing.fingerprint !== fingerprint) throw reused(key);
      if (standing?.response) return { job: standing.response, replayed: true };
      if (standing !== null && !isAbandoned(standing)) throw conflict(key);
      const id = standing?.id ?? newId();
      const mine: Reservation = { id, fingerprint, at: new Date(now()).toISOString(), hour, response: null };
      const place = keyOf(folder, number + 1);
      if (!(await blobs.putIfAbsent(place, JSON.stringify(mine)))) throw conflict(key);
      const free = async (): Promise<boolean> =>
        standing === null && (await blobs.putIfAbsent(keyOf(folder, number + 2), JSON.stringify({ ...mine, id: null })));
      const job = await work(id, free);
      await blobs.put(place, JSON.stringify({ ...mine, response: job }));
      return { job, replayed: false };
    },
    async sweep() {
      const hour = await hours.now();
      for (const name of await blobs.children(ROOT)) {
        const folder = `${ROOT}/${name}`;
        const { number, reservation } = await readNewest(blobs, folder);
        // Not the folder: the key may be reserved anew at this moment.
        if (reservation === null || isExpired({ ...reservation, hour: reservation.hour ?? 0 }, hour))
          await blobs.remove(Array.from({ length: number }, (_, index) => keyOf(folder, index + 1)));
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
  // Not there: nothing is reserved, or what has expired is being forgotten at this moment.
  const bytes = number === 0 ? null : await blobs.get(keyOf(folder, number));
  return { number, reservation: bytes && (JSON.parse(bytes.toString()) as Reservation) };
}

const keyOf = (folder: string, number: number): string => `${folder}/${String(number).padStart(6, '0')}.json`;
